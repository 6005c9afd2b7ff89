// Rows that are made of one text each: computed for texts that are new or changed, copied from the previous build for the
// others. What of a document counts as its text is declared by the columns of the input `documents`.

import type { JsonObject, Row } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import type { PartReader, TableDefinition } from '@gristmill/shards';

export interface TextRows {
  readonly table: TableDefinition;
  /** Read of `documents`; `text` and `verdict` among them. */
  readonly columns: readonly string[];
  /** An input keyed by id: only documents that have a row in it are asked for, with that row's columns. */
  readonly beside?: { readonly input: string; readonly columns: readonly string[] };
  /** No row or one. `row` has the declared columns of both inputs. */
  readonly toRow: (row: Row) => Row[];
}

const chunkRows = 256;

export async function writeTextRows<Options extends JsonObject>(
  task: PhaseTask<Options>,
  rows: TextRows,
): Promise<void> {
  const old = task.previous?.output(rows.table.name).part(task.partition!);
  if (task.previous && old) await patchRows(task, rows, old);
  else await computeRows(task, rows);
}

async function computeRows<Options extends JsonObject>(
  task: PhaseTask<Options>,
  { table, columns, beside, toRow }: TextRows,
): Promise<void> {
  const writer = await task.write(table.name);
  const part = task.input('documents').part(task.partition!);
  const companion = beside && companionOf(task.input(beside.input).part(task.partition!), beside.columns);
  for await (const batch of part.batches(columns)) {
    const rows: Row[] = [];
    for (const [i, id] of batch.keys.entries()) {
      if (batch.columns.verdict[i] !== undefined) continue;
      const other = companion && (await companion(id));
      if (companion && !other) continue;
      const own = Object.fromEntries(columns.map((name) => [name, batch.columns[name][i]]));
      rows.push(...toRow({ ...other, ...own, id }));
    }
    await writer.writeAll(rows);
    count(task, { computed: rows.length, reused: 0 });
    await task.progress(batch.rows);
  }
}

async function patchRows<Options extends JsonObject>(
  task: PhaseTask<Options>,
  { table, columns, beside, toRow }: TextRows,
  old: PartReader,
): Promise<void> {
  const part = task.input('documents').part(task.partition!);
  const other = beside && task.input(beside.input).part(task.partition!);
  const changed = new Set<string>();
  const before = task.previous!;
  for await (const { key } of part.changes(before.input('documents').part(task.partition!), columns))
    changed.add(key);
  if (beside && other) {
    const previous = before.input(beside.input).part(task.partition!);
    for await (const { key } of other.changes(previous, beside.columns)) changed.add(key);
  }
  // So much new is not held in memory, and what is left of the earlier part is hardly worth its copying.
  if (changed.size * 2 > old.rows) return computeRows(task, { table, columns, beside, toRow });
  const keys = [...changed].sort();
  const fresh: Row[] = [];
  for (let from = 0; from < keys.length; from += chunkRows) {
    const chunk = keys.slice(from, from + chunkRows);
    const others = other && new Map((await other.get(chunk, beside!.columns)).map((row) => [row.id, row]));
    for (const text of await part.get(chunk, columns)) {
      if (text.verdict !== undefined || (others && !others.has(text.id))) continue;
      fresh.push(...toRow({ ...others?.get(text.id), ...text }));
      await task.progress(1);
    }
  }
  const rows = new Map(fresh.map((row) => [row.id, row]));
  const writer = await task.write(table.name);
  const kept = await writer.patch(old, {
    removed: changed,
    added: [...rows.keys()],
    rows: (ids) => ids.map((id) => rows.get(id)!),
  });
  if (part.rows > 0) count(task, { computed: rows.size, reused: kept });
}

function count<Options extends JsonObject>(
  task: PhaseTask<Options>,
  { computed, reused }: { computed: number; reused: number },
): void {
  task.count('documentsIn', computed + reused);
  task.count('documentsOut', computed + reused);
  task.count('computed', computed);
  task.count('reused', reused);
}

/** Asked for ids in ascending order, it gives the row of each that has one. */
function companionOf(part: PartReader, columns: readonly string[]): (id: string) => Promise<Row | undefined> {
  const rows = part.readRows(columns);
  let next: IteratorResult<Row> | undefined;
  return async (id) => {
    next ??= await rows.next();
    while (!next.done && next.value.id < id) next = await rows.next();
    return next.done || next.value.id !== id ? undefined : next.value;
  };
}
