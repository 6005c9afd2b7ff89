// Computes one part of a row-wise step: rows of which nothing that is read changed are copied from the previous output as
// bytes, whole row groups of them as they lie, the others are computed.
// An ordinary function over a store: it knows no threads and no recipe. A verdict in the input is repeated.

import { DataError, type Row, type RowTransform, type Value, type Verdict } from '@gristmill/core';
import {
  createPartWriter,
  cutGroups,
  emptyPart,
  groupsAround,
  isUnder,
  mergeGroups,
  openPart,
  type Batch,
  type Change,
  type PartEntry,
  type PartPatch,
  type PartWriter,
  type StoredPart,
  type TableDefinition,
} from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { openTaskWriter } from './commit-task.ts';
import { otherRows } from './joined-part.ts';
import { countSegments, type Counting } from './count-segments.ts';
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
  /** Where the task's marker lies when it is done. */
  readonly marker: string;
  readonly partition: number;
  /** True where other processes may be at the same task. */
  readonly isShared?: boolean;
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
  const writer = createPartWriter(task.table, await openTaskWriter(store, task.path, task));
  const tally = { computed: 0 };
  const work: RowWork = { task, inputs, borders, compute: createComputer(task, transform, tally), meter };
  try {
    const reused = previous ? await patchRows(work, writer, previous) : await computeRows(work, writer);
    return { part: await writer.finish(), ...tally, reused };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

interface RowWork {
  readonly task: RowTask;
  readonly inputs: readonly OpenInput[];
  readonly borders: readonly Borders[];
  readonly compute: Compute;
  readonly meter: Meter;
}

/** Every row. @returns 0: none was reused */
async function computeRows(
  { task, inputs, borders, compute, meter }: RowWork,
  writer: PartWriter,
): Promise<number> {
  for (const { prefix } of borders) {
    const { batch, counts, bytes } = await computeGroup(task, inputs, prefix, compute);
    await writer.writeGroup(prefix, batch, counts);
    await meter.add(batch.rows, bytes);
  }
  return 0;
}

/** Only rows of which anything that is read changed. @returns how many rows were reused */
async function patchRows(
  { task, inputs, borders, compute, meter }: RowWork,
  writer: PartWriter,
  { output, changes }: Previous,
): Promise<number> {
  const keysOf = (isWanted: (kind: ChangeKind) => boolean) =>
    [...changes].flatMap(([key, kind]) => (isWanted(kind) ? [key] : []));
  const patch: PartPatch = {
    removed: new Set(keysOf((kind) => kind !== 'added')),
    added: keysOf((kind) => kind !== 'removed').sort(),
    rows: async (keys) => {
      const rows: Row[] = [];
      for (const { row, verdict } of (await joinKeys(inputs, keys)).values())
        rows.push(await compute(row, verdict));
      return rows;
    },
  };
  await writer.patchGroups(output, patch, {
    borders,
    count: (segments) => countSegments(segments, countingOf(task)),
    progress: (rows, bytes) => meter.add(rows, bytes),
  });
  return inputs[0].part.rows - patch.added.length;
}

const countingOf = ({ step }: RowTask): Counting => ({
  column: 'text',
  isOwn: (verdict) => verdict.stage === step,
});

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
type ChangeKind = Change['kind'];

interface Previous {
  readonly output: StoredPart;
  /** Id → what happened to what is read of it. */
  readonly changes: ReadonlyMap<string, ChangeKind>;
}

async function openPrevious(
  store: Store,
  task: RowTask,
  inputs: readonly OpenInput[],
): Promise<Previous | undefined> {
  if (!task.previous || task.previous.output.rows === 0) return undefined;
  try {
    const output = openPart(store, task.previous.output);
    await output.verify();
    const changes = new Map<string, ChangeKind>();
    for (const [i, entry] of task.previous.inputs.entries()) {
      const old = openInput(store, entry, task.inputs[i]);
      for await (const { key, kind } of inputs[i].part.changes(old.part, inputs[i].columns))
        if (!changes.has(key) || kind !== 'changed') changes.set(key, kind);
    }
    return { output, changes };
  } catch (error) {
    // A previous part that is gone or damaged is no loss: everything is computed.
    if (error instanceof DataError && error.code === 'part-damaged') return undefined;
    throw error;
  }
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
 * finest row groups of the inputs: one of these is in memory at a time.
 */
async function computeGroup(task: RowTask, inputs: readonly OpenInput[], prefix: string, compute: Compute) {
  const output: Row[] = [];
  let bytes = 0;
  for (const piece of await finestPieces(inputs, prefix)) {
    for (const { row, verdict } of (await joinUnder(inputs, piece)).values()) {
      output.push(await compute(row, verdict));
      bytes += rowBytes(row);
    }
  }
  const counts = countSegments(
    output.map((row) => ({ row })),
    countingOf(task),
  );
  return { batch: columnsOf(task.table, output), counts, bytes };
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
  /** In how many of them it was found. */
  tables: number;
}

/** The rows under a prefix, all inputs joined: every row-wise table has the same ids. */
async function joinUnder(inputs: readonly OpenInput[], prefix: string): Promise<Map<string, JoinedRow>> {
  const joined = new Map<string, JoinedRow>();
  for (const input of inputs) {
    for (const batch of await input.under(prefix)) {
      for (let i = 0; i < batch.rows; i++) {
        const id = batch.keys[i];
        if (isUnder(id, prefix)) joinRow(joined, input, id, (column) => batch.columns[column][i]);
      }
    }
  }
  checkJoined(joined, inputs);
  return joined;
}

/** The rows of some ids, in order. */
async function joinKeys(
  inputs: readonly OpenInput[],
  keys: readonly string[],
): Promise<Map<string, JoinedRow>> {
  const joined = new Map<string, JoinedRow>();
  for (const input of inputs)
    for (const row of await input.part.get(keys, input.columns))
      joinRow(joined, input, row.id, (column) => row[column]);
  checkJoined(joined, inputs);
  return joined;
}

function checkJoined(joined: ReadonlyMap<string, JoinedRow>, inputs: readonly OpenInput[]): void {
  for (const { tables } of joined.values())
    if (tables !== inputs.length) throw otherRows(inputs[0].part.partition);
}

function joinRow(
  joined: Map<string, JoinedRow>,
  input: OpenInput,
  id: string,
  value: (column: string) => Value,
): void {
  let entry = joined.get(id);
  if (!entry) joined.set(id, (entry = { row: { id }, verdict: undefined, tables: 0 }));
  entry.tables++;
  for (const [as, column] of input.names) entry.row[as] = value(column);
  entry.verdict ??= value('verdict') as Verdict | undefined;
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
