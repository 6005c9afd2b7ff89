// Phase `pairs`: every proposed pair of the corpus verified on text, then components. Buckets are cheap and are made anew
// from all signatures each time; what is dear, reading and comparing texts, is done only for pairs that the previous
// build did not measure: a similarity depends on the two texts' hashes alone. So the output is the same either way.

import type { Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import { partitionOf, type TableDefinition, type TableReader } from '@gristmill/shards';
import { packStrings } from '@gristmill/workers';
import { clusterTables, writeClusters } from './write-clusters.ts';
import { resolveDedupOptions, type DedupOptions } from './dedup-options.ts';
import { openForms, type FormTable } from './form-table.ts';
import { groupPairs, type MeasureBatch } from './measure-pairs.ts';
import { findSimilarPairs, type SimilarPairs } from './similar-pairs.ts';

export const pairTable: TableDefinition = {
  name: 'pairs',
  key: 'a',
  columns: [
    { name: 'b', type: 'string' },
    { name: 'similarity', type: 'float64' },
    { name: 'star', type: 'boolean' },
  ],
};

export const pairPhase: Phase<DedupOptions> = {
  name: 'pairs',
  over: 'whole',
  inputs: () => [
    { name: 'documents', columns: ['text'], parts: 'all' },
    {
      name: 'signatures',
      table: 'signatures',
      columns: ['hash', 'words', 'length', 'bands', 'sketch'],
      parts: 'all',
    },
  ],
  tables: [pairTable, ...clusterTables],
  run: writePairs,
};

async function writePairs(task: PhaseTask<DedupOptions>): Promise<void> {
  const { scheme } = resolveDedupOptions(task.options);
  const table = await openForms(task.input('signatures'), scheme);
  const pairs = await findSimilarPairs(table.source, scheme, (codes) => measure(task, table, codes));
  await writePairTable(task, table, pairs);
  await writeClusters(task, table, pairs);
}

async function writePairTable(
  task: PhaseTask<DedupOptions>,
  table: FormTable,
  { codes, similarities, stars }: SimilarPairs,
): Promise<void> {
  for (const [i, code] of codes.entries()) {
    const a = table.hash(Math.floor(code / table.forms));
    const b = table.hash(code % table.forms);
    const writer = await task.write('pairs', partitionOf(a, task.partitions));
    // The key column stands for `id`.
    await writer.write({ a, b, similarity: similarities[i], star: stars[i] === 1 } as unknown as Row);
  }
}

/** Similarities of pairs, from the previous build where it measured them, else on the texts. */
async function measure(
  task: PhaseTask<DedupOptions>,
  table: FormTable,
  codes: Float64Array,
): Promise<Float64Array> {
  const similarities = new Float64Array(codes.length).fill(NaN);
  if (task.previous) await recall(task.previous.output('pairs'), table, codes, similarities);
  const open = Uint32Array.from(codes.keys()).filter((i) => Number.isNaN(similarities[i]));
  const missing = Float64Array.from(open, (i) => codes[i]);
  task.count('reused', codes.length - missing.length);
  task.count('computed', missing.length);
  for (const group of groupPairs(missing, table.forms, sizeOf(table), 48 << 20)) {
    const groupCodes = Float64Array.from(group, (i) => missing[i]);
    const measured = await measureTexts(task, table, groupCodes);
    for (const [place, i] of group.entries()) similarities[open[i]] = measured[place];
  }
  return similarities;
}

const sizeOf = (table: FormTable) => (form: number) => table.lengths[table.firsts[form]];

/** Walks the previous pairs, sorted by hashes like the codes, beside the codes. */
async function recall(
  previous: TableReader,
  table: FormTable,
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

/** Reads the texts of these pairs once and compares them on the pool. */
async function measureTexts(
  task: PhaseTask<DedupOptions>,
  table: FormTable,
  codes: Float64Array,
): Promise<Float64Array> {
  const formsOf = (wanted: Iterable<number>): number[] => {
    const forms = new Set<number>();
    for (const code of wanted) forms.add(Math.floor(code / table.forms)).add(code % table.forms);
    return [...forms];
  };
  const ids = formsOf(codes).map((form) => table.id(table.firsts[form]));
  const rows = await task.input('documents').get(ids, ['text']);
  const texts = new Map(rows.map((row) => [row.id, row.text as string]));
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
  const job = { module: '@gristmill/dedup', export: 'measureBatches' };
  let next = 0;
  for await (const measured of task.pool.map<MeasureBatch, Float64Array>(job, batches())) {
    for (const [place, i] of groups[next++].entries()) similarities[i] = measured[place];
    await task.progress(0);
  }
  return similarities;
}
