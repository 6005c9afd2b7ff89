// The selected corpus as rows for other tools: kept documents with their clean text, and the spans that select removes
// and personal data covers. Who writes the text for others applies both, as pack does. And the shards it became.

import { DataError, type Column, type Row, type Value } from '@gristmill/core';
import { openPart, openTokens, type PartEntry, type Tokens } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import {
  latestPart,
  openBuild,
  partitionsOf,
  readDocuments,
  tablePart,
  type OpenBuild,
} from './build-documents.ts';
import { folderOf } from './fsck.ts';
import { requireManifest } from './manifest.ts';
import { acquireStep } from './steps.ts';

export interface SelectedDocument {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly group?: string;
  readonly url?: string;
  readonly title?: string;
  readonly author?: string;
  readonly date?: string;
  readonly language?: string;
  readonly licence?: string;
  /** Numbers, names and truths that annotate wrote, by column; personal data not among them. */
  readonly signals?: Readonly<Record<string, Value>>;
  readonly split: string;
  /** [start, end] in UTF-16 code units of the text. */
  readonly removals: readonly (readonly [number, number])[];
  /** Findings on the text; undefined where no step looked for them. */
  readonly personalData?: readonly unknown[];
}

export interface Selected {
  /** Columns of `signals`, in the order of their steps. */
  readonly signals: readonly Column[];
  /** Kept documents by id. */
  documents(): AsyncGenerator<SelectedDocument>;
}

/** Kept documents by id. */
export async function* selectedDocuments(store: Store): AsyncGenerator<SelectedDocument> {
  yield* (await openSelected(store)).documents();
}

/** The kept documents of the newest build. */
export async function openSelected(store: Store): Promise<Selected> {
  const build = await openBuild(store, await requireManifest(store));
  const steps = await signalSteps(build);
  return {
    signals: steps.flatMap(({ columns }) => columns),
    async *documents() {
      for (const partition of partitionsOf(build)) yield* documentsOf(build, partition, steps);
    },
  };
}

interface SignalStep {
  readonly step: string;
  readonly columns: readonly Column[];
}

/** Row-wise steps that write no text, with their plain columns: each name from the last step that has it. */
async function signalSteps(build: OpenBuild): Promise<SignalStep[]> {
  const steps: SignalStep[] = [];
  const seen = new Set(['language', 'verdict']);
  for (const step of [...build.rowSteps].reverse()) {
    const entry = [...(build.state.rows.get(step)?.values() ?? [])].find(({ rows }) => rows > 0);
    if (step === acquireStep || !entry || entry.columns.text !== undefined) continue;
    const { columns } = await openPart(build.store, entry).footer();
    const own = columns.filter(({ name, type }) => isPlain(type) && name !== 'id' && !seen.has(name));
    own.forEach(({ name }) => seen.add(name));
    if (own.length > 0) steps.unshift({ step, columns: own });
  }
  return steps;
}

const isPlain = (type: Column['type']) => type !== 'json' && type !== 'bytes';

const described = ['title', 'author', 'date'] as const;

async function* documentsOf(
  build: OpenBuild,
  partition: number,
  steps: readonly SignalStep[],
): AsyncGenerator<SelectedDocument> {
  const part = latestPart(build, partition, 'text');
  if (!part || part.rows === 0) return;
  const documents = await readDocuments(build, partition);
  const personal = follow(build, latestPart(build, partition, 'pii'), ['pii']);
  const decisions = follow(build, tablePart(build, 'select/decisions', partition), ['removals']);
  const facts = described.map((name) => follow(build, latestPart(build, partition, name), [name]));
  const signals = steps.map(({ step, columns }) => {
    const entry = build.state.rows.get(step)?.get(partition);
    return follow(
      build,
      entry,
      columns.map(({ name }) => name),
    );
  });
  for await (const { id, text } of openPart(build.store, part).readRows(['text'])) {
    const document = documents.get(id);
    if (!document?.kept || typeof text !== 'string') continue;
    const { source, group, url, language, licence, split } = document;
    const [title, author, date] = await Promise.all(
      facts.map(async (read, i) => (await read(id))?.[described[i]] as string | undefined),
    );
    const measured: Record<string, Value> = {};
    for (const read of signals) {
      const { id: _id, ...row } = (await read(id)) ?? { id };
      Object.assign(measured, row);
    }
    yield {
      ...{ id, text, source, group, url, title, author, date, language, licence },
      ...(steps.length > 0 && { signals: measured }),
      split: split ?? 'train',
      removals: ((await decisions(id))?.removals ?? []) as [number, number][],
      personalData: (await personal(id))?.pii as unknown[] | undefined,
    };
  }
}

/** Asked for ids in ascending order, it gives the row of each that the table has. */
function follow(
  build: OpenBuild,
  entry: PartEntry | undefined,
  columns: readonly string[],
): (id: string) => Promise<Row | undefined> {
  if (!entry || entry.rows === 0) return async () => undefined;
  const own = columns.filter((name) => entry.columns[name] !== undefined);
  const rows = openPart(build.store, entry).readRows(own);
  let next: IteratorResult<Row> | undefined;
  return async (id) => {
    next ??= await rows.next();
    while (!next.done && next.value.id < id) next = await rows.next();
    return next.done || next.value.id !== id ? undefined : next.value;
  };
}

/** The shards of the newest build. @throws DataError `no-tokens` where it has none */
export async function openBuiltTokens(store: Store): Promise<Tokens> {
  const { current } = await requireManifest(store);
  const index = Object.keys(current).find((path) => /^tokens\/[^/]+\/index\.json$/.test(path));
  if (index === undefined) {
    throw new DataError(
      'no-tokens',
      `the newest build in ${store.location} has no shards`,
      'give the recipe the steps tokenizer and pack, and run it',
    );
  }
  return openTokens(folderOf(store, index.slice(0, -'index.json'.length)));
}
