// Computes one part of a row-wise step by merge-join: row groups whose input did not change are copied from the
// previous output as compressed bytes, single unchanged rows are copied as values, the others are computed.
// An ordinary function over a store: it knows no threads and no recipe. A verdict in the input is repeated.

import { DataError, type Row, type RowTransform, type Value, type Verdict } from '@gristmill/core';
import {
  createPartWriter,
  emptyPart,
  groupSpans,
  isUnder,
  mergeGroups,
  batchRows,
  groupsAround,
  openPart,
  sameColumns,
  sameValue,
  sideOf,
  cutGroups,
  type Batch,
  type Counts,
  type PartEntry,
  type StoredPart,
  type TableDefinition,
} from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import type { Meter } from './meter.ts';

/** The columns of one earlier table that the step reads, as [name for the transform, column of the table]. */
export interface RowInput {
  readonly step: string;
  readonly entry: PartEntry;
  readonly columns: readonly (readonly [as: string, column: string])[];
}

export interface RowTask {
  readonly step: string;
  readonly table: TableDefinition;
  readonly path: string;
  readonly inputs: readonly RowInput[];
  /** Same step, same key: its inputs in the order of `inputs`, and its output. */
  readonly previous?: { readonly inputs: readonly PartEntry[]; readonly output: PartEntry };
}

export interface RowOutcome {
  readonly part: Omit<PartEntry, 'path' | 'partition'>;
  readonly computed: number;
  readonly reused: number;
}

export async function runRowTask(
  store: Store,
  task: RowTask,
  transform: () => Promise<RowTransform>,
  meter: Meter,
): Promise<RowOutcome> {
  const inputs = task.inputs.map((input) => openInput(store, input.entry, input));
  const borders = await partBorders(inputs[0].part, task.table.groupRows ?? 4096);
  const previous = await openPrevious(store, task, inputs);
  const writer = createPartWriter(task.table, await store.writer(task.path));
  const tally = { computed: 0, reused: 0 };
  const compute = createComputer(task, transform, tally);
  try {
    for (let i = 0; i < borders.length;) {
      const run = previous ? copyableRun(borders, i, previous) : 0;
      if (run > 0) {
        const first = previous!.index.get(borders[i].prefix)!;
        for (const group of await previous!.output.storedGroups(first, run)) {
          await writer.copyGroup(group);
          tally.reused += group.footer.rows;
          await meter.add(group.footer.rows, group.bytes.length);
        }
        i += run;
      } else {
        const { prefix } = borders[i++];
        const { batch, counts, bytes } = await computeGroup(task, inputs, previous, prefix, compute, tally);
        await writer.writeGroup(prefix, batch, counts);
        await meter.add(batch.rows, bytes);
      }
    }
    return { part: await writer.finish(), ...tally };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

interface OpenInput {
  readonly part: StoredPart;
  /** Columns of the table that are read, `verdict` included. */
  readonly columns: readonly string[];
  readonly names: readonly (readonly [as: string, column: string])[];
  /** Batches under a prefix, the last row groups kept. */
  under(prefix: string): Promise<Batch[]>;
}

function openInput(store: Store, entry: PartEntry, input: RowInput): OpenInput {
  const part = entry.rows === 0 ? emptyPart(entry.partition) : openPart(store, entry);
  const columns = [...new Set([...input.columns.map(([, column]) => column), 'verdict'])];
  let cache = new Map<number, Batch>();
  return {
    part,
    columns,
    names: input.columns,
    async under(prefix) {
      if (part.rows === 0) return [];
      const { groups } = await part.footer();
      const kept = new Map<number, Batch>();
      const [first, end] = groupsAround(groups, prefix);
      for (let index = first; index < end; index++) {
        kept.set(index, cache.get(index) ?? (await part.readGroup(index, columns)));
      }
      cache = kept;
      return [...kept.values()];
    },
  };
}

async function partBorders(part: StoredPart, limit: number): Promise<Borders[]> {
  if (part.rows === 0) return [];
  const footer = await part.footer();
  if (footer.groupRows <= limit) return mergeGroups(footer.groups, limit);
  const keys: string[] = [];
  for await (const batch of part.batches([])) keys.push(...batch.keys);
  return cutGroups(keys, limit);
}

type Borders = ReturnType<typeof cutGroups>[number];

interface Previous {
  readonly inputs: readonly OpenInput[];
  readonly output: StoredPart;
  /** Prefix of a row group of the previous output → its number. */
  readonly index: ReadonlyMap<string, number>;
  /** Prefixes of the inputs under which anything that is read differs: in order, none begins another. */
  readonly changed: readonly { readonly prefix: string }[];
  readonly rowsOf: ReadonlyMap<string, number>;
}

async function openPrevious(
  store: Store,
  task: RowTask,
  inputs: readonly OpenInput[],
): Promise<Previous | undefined> {
  if (!task.previous || task.previous.output.rows === 0) return undefined;
  try {
    const output = openPart(store, task.previous.output);
    const old = task.previous.inputs.map((entry, i) => openInput(store, entry, task.inputs[i]));
    const changed: string[] = [];
    for (let i = 0; i < inputs.length; i++) changed.push(...(await changedPrefixes(old[i], inputs[i])));
    const { groups } = await output.footer();
    return {
      inputs: old,
      output,
      index: new Map(groups.map(({ prefix }, number) => [prefix, number])),
      rowsOf: new Map(groups.map(({ prefix, rows }) => [prefix, rows])),
      changed: withoutNested(changed),
    };
  } catch (error) {
    // A previous part that is gone or damaged is no loss: everything is computed.
    if (error instanceof DataError && error.code === 'part-damaged') return undefined;
    throw error;
  }
}

async function changedPrefixes(old: OpenInput, now: OpenInput): Promise<string[]> {
  if (old.part.rows === 0 || now.part.rows === 0) return [''];
  const [before, after] = [await old.part.footer(), await now.part.footer()];
  const changed: string[] = [];
  for (const span of groupSpans(before.groups, after.groups, sameColumns(before, after, now.columns))) {
    if (span.same) continue;
    changed.push(
      ...span.previous.map((i) => before.groups[i].prefix),
      ...span.current.map((i) => after.groups[i].prefix),
    );
  }
  return changed;
}

function withoutNested(prefixes: string[]): { prefix: string }[] {
  const kept: { prefix: string }[] = [];
  for (const prefix of prefixes.sort()) {
    const last = kept.at(-1);
    if (!last || !prefix.startsWith(last.prefix)) kept.push({ prefix });
  }
  return kept;
}

function isChanged(previous: Previous, prefix: string): boolean {
  const [first, end] = groupsAround(previous.changed, prefix);
  return first < end;
}

/** How many row groups from `from` on can be copied at once: unchanged, and neighbours in the previous output. */
function copyableRun(borders: readonly Borders[], from: number, previous: Previous): number {
  const first = previous.index.get(borders[from].prefix);
  if (first === undefined) return 0;
  let run = 0;
  let bytes = 0;
  while (from + run < borders.length && bytes < 8192) {
    const { prefix, start, end } = borders[from + run];
    if (previous.index.get(prefix) !== first + run || previous.rowsOf.get(prefix) !== end - start) break;
    if (isChanged(previous, prefix)) break;
    bytes += end - start;
    run++;
  }
  return run;
}

type Compute = (row: Row, verdict: Verdict | undefined) => Promise<Row>;

function createComputer(
  task: RowTask,
  create: () => Promise<RowTransform>,
  tally: { computed: number },
): Compute {
  let transform: RowTransform | undefined;
  return async (row, verdict) => {
    if (verdict) return { id: row.id, verdict: verdict as unknown as Value };
    transform ??= await create();
    tally.computed++;
    try {
      const made = await transform(row);
      if (made.id !== row.id) throw wrongId(task.step, row.id);
      return made.verdict ? ownVerdict(task.step, made) : made;
    } catch (error) {
      if (error instanceof DataError) throw error;
      return { id: row.id, verdict: { stage: task.step, reason: 'failed' } };
    }
  };
}

/**
 * One row group of the output. It may be far wider than the row groups that hold the text, so it is computed by the
 * finest row groups of the inputs: one of these is in memory at a time, and an unchanged one is not read.
 */
async function computeGroup(
  task: RowTask,
  inputs: readonly OpenInput[],
  previous: Previous | undefined,
  prefix: string,
  compute: Compute,
  tally: { reused: number },
) {
  const old = previous ? await outputRows(task, previous, prefix) : [];
  const output: Row[] = [];
  let [bytes, at] = [0, 0];
  for (const piece of await finestPieces(inputs, prefix)) {
    while (at < old.length && sideOf(old[at].id, piece) < 0) at++;
    const from = at;
    while (at < old.length && sideOf(old[at].id, piece) === 0) at++;
    const own = old.slice(from, at);
    if (previous && !isChanged(previous, piece)) {
      tally.reused += own.length;
      for (const row of own) output.push(row);
      continue;
    }
    const before = previous ? await joinRows(previous.inputs, piece) : new Map<string, JoinedRow>();
    const made = new Map(own.map((row) => [row.id, row]));
    for (const joined of (await joinRows(inputs, piece)).values()) {
      const row = joined.row as Row;
      const reusable = isSame(before.get(row.id), joined) ? made.get(row.id) : undefined;
      if (reusable) tally.reused++;
      output.push(reusable ?? (await compute(row, joined.verdict)));
      bytes += rowBytes(row);
    }
  }
  return { batch: columnsOf(task.table, output), counts: countGroup(task.step, output), bytes };
}

/** The prefixes below `prefix` of the input with the smallest row groups. */
async function finestPieces(inputs: readonly OpenInput[], prefix: string): Promise<string[]> {
  const footers = await Promise.all(inputs.map(({ part }) => part.footer()));
  const finest = footers.reduce((a, b) => (b.groupRows < a.groupRows ? b : a));
  const around = finest.groups.slice(...groupsAround(finest.groups, prefix)).map((group) => group.prefix);
  const below = around.filter((piece) => piece.startsWith(prefix));
  return below.length > 0 ? [...new Set(below)] : [prefix];
}

/** A verdict bears the name of the step that gave it, and ends the document: nothing else is kept. */
function ownVerdict(step: string, row: Row): Row {
  const { reason, detail } = row.verdict as unknown as Verdict;
  return { id: row.id, verdict: { stage: step, reason, detail } };
}

function wrongId(step: string, id: string): DataError {
  return new DataError(
    'wrong-row',
    `step ${step} gave another id for ${id}`,
    'this is a fault of the stage: one row in, the same id out',
  );
}

interface JoinedRow {
  readonly row: { readonly id: string; [column: string]: Value };
  verdict: Verdict | undefined;
  /** Everything that is read, in the order of inputs and their columns. */
  readonly values: Value[];
}

function isSame(before: JoinedRow | undefined, now: JoinedRow): boolean {
  return (
    before?.values.length === now.values.length &&
    now.values.every((value, i) => sameValue(value, before.values[i]))
  );
}

/** The rows under a prefix, all inputs joined: every row-wise table has the same ids. */
async function joinRows(inputs: readonly OpenInput[], prefix: string): Promise<Map<string, JoinedRow>> {
  const joined = new Map<string, JoinedRow>();
  for (const input of inputs) {
    for (const batch of await input.under(prefix)) {
      for (let i = 0; i < batch.rows; i++) {
        const id = batch.keys[i];
        if (!isUnder(id, prefix)) continue;
        let entry = joined.get(id);
        if (!entry) joined.set(id, (entry = { row: { id }, verdict: undefined, values: [] }));
        for (const [as, column] of input.names) entry.row[as] = batch.columns[column][i];
        entry.verdict ??= batch.columns.verdict[i] as Verdict | undefined;
        for (const column of input.columns) entry.values.push(batch.columns[column][i]);
      }
    }
  }
  return joined;
}

/** Rows of the previous output under a prefix, in the order of ids. */
async function outputRows(task: RowTask, previous: Previous, prefix: string): Promise<Row[]> {
  const names = task.table.columns.map((column) => column.name);
  const rows: Row[] = [];
  const [first, end] = groupsAround((await previous.output.footer()).groups, prefix);
  for (let index = first; index < end; index++) {
    const batch = await previous.output.readGroup(index, names);
    for (const row of batchRows(batch, 'id', names)) if (isUnder(row.id, prefix)) rows.push(row);
  }
  return rows;
}

function columnsOf(table: TableDefinition, rows: readonly Row[]): Batch {
  const columns: Record<string, Value[]> = {};
  for (const { name } of table.columns) columns[name] = rows.map((row) => row[name]);
  return { rows: rows.length, keys: rows.map((row) => row.id), columns };
}

function rowBytes(row: Row): number {
  if (typeof row.text === 'string') return row.text.length;
  return row.bytes instanceof Uint8Array ? row.bytes.length : 0;
}

/** What the funnel shows of a row group: rows in and out, UTF-8 bytes of text out, verdicts of this step by reason. */
function countGroup(step: string, output: readonly Row[]): Counts {
  const counts: Record<string, number> = { documentsIn: 0, documentsOut: 0, bytesOut: 0 };
  for (const row of output) {
    const verdict = row.verdict as Verdict | undefined;
    if (verdict && verdict.stage !== step) continue;
    counts.documentsIn++;
    if (verdict) counts[`drop.${verdict.reason}`] = (counts[`drop.${verdict.reason}`] ?? 0) + 1;
    else counts.documentsOut++;
    if (typeof row.text === 'string') counts.bytesOut += Buffer.byteLength(row.text);
  }
  return counts;
}
