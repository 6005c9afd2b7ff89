// Similarities of pairs of forms in a build: from the previous build where it measured them, else on the texts, which are
// read once each and compared on the pool. A similarity depends on the two texts' hashes alone.

import type { JsonObject } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import type { TableReader } from '@gristmill/shards';
import { packStrings } from '@gristmill/workers';
import type { FormTable } from './form-table.ts';
import { groupPairs, type MeasureBatch } from './measure-pairs.ts';

export interface Measuring {
  readonly measure: 'jaccard' | 'containment';
  /** The table of the previous build: keyed by hash `a`, with `b` and `similarity`. */
  readonly previous: string;
}

/** Forms by number, each with the document that stands for its text. */
export type Forms = Pick<FormTable, 'forms' | 'firsts' | 'lengths' | 'id' | 'hash'>;

/** @param codes a × forms + b, ascending */
export async function measurePairs<Options extends JsonObject>(
  task: PhaseTask<Options>,
  table: Forms,
  codes: Float64Array,
  { measure, previous }: Measuring,
): Promise<Float64Array> {
  const similarities = new Float64Array(codes.length).fill(NaN);
  if (task.previous) await recall(task.previous.output(previous), table, codes, similarities);
  const open = Uint32Array.from(codes.keys()).filter((i) => Number.isNaN(similarities[i]));
  const missing = Float64Array.from(open, (i) => codes[i]);
  task.count('reused', codes.length - missing.length);
  task.count('computed', missing.length);
  for (const [place, similarity] of (await measureNew(task, table, missing, { measure })).entries())
    similarities[open[place]] = similarity;
  return similarities;
}

export interface NewMeasuring {
  readonly measure: Measuring['measure'];
  /** By id: texts that were read, for the next call. */
  readonly texts?: Map<string, string>;
}

/** The same for pairs of which no earlier build knows. */
export async function measureNew<Options extends JsonObject>(
  task: PhaseTask<Options>,
  table: Forms,
  codes: Float64Array,
  measuring: NewMeasuring,
): Promise<Float64Array> {
  const similarities = new Float64Array(codes.length);
  for (const group of groupPairs(codes, table.forms, sizeOf(table), 48 << 20)) {
    const groupCodes = Float64Array.from(group, (i) => codes[i]);
    const measured = await measureTexts(task, table, groupCodes, measuring);
    for (const [place, i] of group.entries()) similarities[i] = measured[place];
  }
  return similarities;
}

/** UTF-16 units of texts that are kept for the next call. */
const mostKept = 16 << 20;
/** What a text takes beside its units while it is compared. */
const textBytes = 256;

const sizeOf = (table: Forms) => (form: number) => table.lengths[table.firsts[form]] + textBytes;

/** Walks the previous pairs, sorted by hashes like the codes, beside the codes. */
async function recall(
  previous: TableReader,
  table: Forms,
  codes: Float64Array,
  similarities: Float64Array,
): Promise<void> {
  const nameOf = (i: number): string =>
    table.hash(Math.floor(codes[i] / table.forms)) + table.hash(codes[i] % table.forms);
  let i = 0;
  let name = codes.length > 0 ? nameOf(0) : '';
  for (const part of previous.parts) {
    for await (const { rows, keys, columns } of part.batches(['b', 'similarity'])) {
      for (let row = 0; row < rows && i < codes.length; row++) {
        const old = keys[row] + (columns.b[row] as string);
        while (name < old && ++i < codes.length) name = nameOf(i);
        if (i < codes.length && name === old) similarities[i] = columns.similarity[row] as number;
      }
    }
  }
}

async function measureTexts<Options extends JsonObject>(
  task: PhaseTask<Options>,
  table: Forms,
  codes: Float64Array,
  { measure, texts = new Map<string, string>() }: NewMeasuring,
): Promise<Float64Array> {
  const formsOf = (wanted: Iterable<number>): number[] => {
    const forms = new Set<number>();
    for (const code of wanted) forms.add(Math.floor(code / table.forms)).add(code % table.forms);
    return [...forms];
  };
  const ids = formsOf(codes).map((form) => table.id(table.firsts[form]));
  let kept = 0;
  for (const text of texts.values()) kept += text.length;
  if (kept > mostKept) texts.clear();
  const missing = ids.filter((id) => !texts.has(id));
  for (const { id, text } of await task.input('documents').get(missing, ['text']))
    texts.set(id, text as string);
  const groups = [...groupPairs(codes, table.forms, sizeOf(table), 2 << 20)];
  function* batches(): Generator<MeasureBatch> {
    for (const group of groups) {
      const forms = formsOf(group.map((i) => codes[i]));
      const place = new Map(forms.map((form, i) => [form, i]));
      const pairs = Uint32Array.from(
        group.flatMap((i) => [
          place.get(Math.floor(codes[i] / table.forms))!,
          place.get(codes[i] % table.forms)!,
        ]),
      );
      yield { texts: packStrings(forms.map((form) => texts.get(table.id(table.firsts[form]))!)), pairs };
    }
  }
  const similarities = new Float64Array(codes.length);
  const job = { module: '@gristmill/dedup', export: 'measureBatches', options: { measure } };
  let next = 0;
  for await (const measured of task.pool.map<MeasureBatch, Float64Array>(job, batches())) {
    for (const [place, i] of groups[next++].entries()) similarities[i] = measured[place];
    await task.progress(0);
  }
  return similarities;
}
