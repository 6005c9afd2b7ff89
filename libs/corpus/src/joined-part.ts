// Columns of several row-wise tables as if they were one part. Every row-wise table has one row for every acquired
// document, so rows face each other by position, which is checked; row groups may be cut differently. `verdict` is the
// first of several that is there.
import { DataError, sha256, type Row, type Value } from '@gristmill/core';
import {
  batchRows,
  emptyPart,
  openPart,
  type Batch,
  type Change,
  type PartEntry,
  type PartReader,
} from '@gristmill/shards';
import type { Store } from '@gristmill/storage';

/** One table of a join: [name in the join, column of the table]. */
export interface JoinSource {
  readonly entry: PartEntry | undefined;
  readonly columns: readonly (readonly [as: string, column: string])[];
}

interface Source {
  readonly part: PartReader;
  readonly columns: readonly (readonly [string, string])[];
}

export function joinParts(store: Store, partition: number, sources: readonly JoinSource[]): PartReader {
  const opened: Source[] = sources.map(({ entry, columns }) => ({
    part: entry ? openPart(store, entry) : emptyPart(partition),
    columns,
  }));
  const join: PartReader & { readonly sources: readonly Source[] } = {
    sources: opened,
    partition,
    rows: opened[0]?.part.rows ?? 0,
    digests: joinDigests(opened),
    batches: (columns, options) => joinBatches(opened, columns, options),
    async *readRows(columns, options) {
      for await (const batch of joinBatches(opened, columns, options)) yield* batchRows(batch, 'id', columns);
    },
    pages: () => {
      throw new DataError(
        'no-pages',
        'a join of several tables was asked for pages',
        'this is a fault of the stage: it reads batches of a join, pages of a table',
      );
    },
    get: (keys, columns) => joinGet(opened, keys, columns),
    changes: (previous, columns) =>
      joinChanges(opened, (previous as typeof join | undefined)?.sources, columns),
  };
  return join;
}

function joinDigests(sources: readonly Source[]): Record<string, string> {
  const digests: Record<string, string> = {};
  const verdicts: string[] = [];
  for (const { part, columns } of sources) {
    if (part.digests.id !== undefined) digests.id ??= part.digests.id;
    for (const [as, column] of columns) {
      if (as === 'verdict') verdicts.push(part.digests[column] ?? '');
      else digests[as] = part.digests[column] ?? '';
    }
  }
  if (verdicts.length > 0) digests.verdict = sha256(verdicts.join('\n')).slice(0, 32);
  return digests;
}

/** The sources that give any of the columns, each with those columns; at least one, for the ids. */
function chosen(sources: readonly Source[], columns: readonly string[]): Source[] {
  const wanted = new Set(columns);
  const used = sources
    .map(({ part, columns: own }) => ({ part, columns: own.filter(([as]) => wanted.has(as)) }))
    .filter((source) => source.columns.length > 0);
  return used.length > 0 ? used : sources.slice(0, 1).map(({ part }) => ({ part, columns: [] }));
}

async function* joinBatches(
  sources: readonly Source[],
  columns: readonly string[],
  options?: { prefix?: string },
): AsyncGenerator<Batch> {
  const used = chosen(sources, columns);
  const cursors = used.map(({ part, columns: own }) =>
    createCursor(
      part,
      own.map(([, column]) => column),
      options,
    ),
  );
  for (;;) {
    const waiting = await Promise.all(cursors.map((cursor) => cursor.waiting()));
    const rows = Math.min(...waiting);
    if (rows === 0 && used.every(({ part }) => part.rows > 0) && waiting.some((left) => left > 0))
      throw otherRows(used[0].part.partition);
    if (rows === 0 || waiting.length === 0) return;
    const slices = cursors.map((cursor) => cursor.take(rows));
    const [{ keys }] = slices;
    for (const other of slices)
      if (other.keys !== keys && other.keys.some((key, row) => key !== keys[row]))
        throw otherRows(used[0].part.partition);
    const joined: Record<string, Value[]> = {};
    used.forEach(({ columns: own }, index) => {
      for (const [as, column] of own) joined[as] = firstOf(joined[as], slices[index].columns[column]);
    });
    for (const name of columns) joined[name] ??= new Array<Value>(rows).fill(undefined);
    yield { rows, keys, columns: joined };
  }
}

/** @param partition in which tables that are read together hold other documents */
export function otherRows(partition: number): DataError {
  return new DataError(
    'rows-differ',
    `tables that are read together hold other documents in partition ${partition}`,
    'run `gristmill fsck --repair`, then run again; if it comes back, a stage drops or adds rows',
  );
}

function firstOf(first: Value[] | undefined, second: readonly Value[]): Value[] {
  return first ? first.map((value, i) => value ?? second[i]) : [...second];
}

function createCursor(part: PartReader, columns: readonly string[], options?: { prefix?: string }) {
  const batches = part.batches([...new Set(columns)], options);
  let batch: Batch | undefined;
  let at = 0;
  return {
    /** Rows that can be taken now; 0 at the end. */
    async waiting(): Promise<number> {
      while (!batch || at >= batch.rows) {
        const next = await batches.next();
        if (next.done) return 0;
        [batch, at] = [next.value, 0];
      }
      return batch.rows - at;
    },
    take(rows: number): Batch {
      const { keys, columns: all } = batch!;
      const slice = (values: readonly Value[]) => values.slice(at, at + rows);
      const taken = {
        rows,
        keys: keys.slice(at, at + rows),
        columns: Object.fromEntries(Object.entries(all).map(([name, values]) => [name, slice(values)])),
      };
      at += rows;
      return taken;
    },
  };
}

async function joinGet(
  sources: readonly Source[],
  keys: readonly string[],
  columns: readonly string[],
): Promise<Row[]> {
  const rows = new Map<string, Record<string, Value>>();
  for (const { part, columns: own } of chosen(sources, columns)) {
    for (const found of await part.get(
      keys,
      own.map(([, column]) => column),
    )) {
      const row = rows.get(found.id) ?? { id: found.id };
      for (const [as, column] of own) row[as] ??= found[column];
      rows.set(found.id, row);
    }
  }
  return [...rows.values()] as Row[];
}

/** Changes of each table, merged by id: an added or removed row is so in all of them. */
async function* joinChanges(
  sources: readonly Source[],
  previous: readonly Source[] | undefined,
  columns: readonly string[],
): AsyncGenerator<Change> {
  const all = new Map<string, Change>();
  const wanted = new Set(columns);
  for (const [index, { part, columns: own }] of sources.entries()) {
    const names = own.filter(([as]) => wanted.has(as)).map(([, column]) => column);
    if (names.length === 0 && index > 0) continue;
    for await (const change of part.changes(previous?.[index]?.part, names)) {
      if (change.kind !== 'changed' || !all.has(change.key)) all.set(change.key, change);
    }
  }
  yield* [...all.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
