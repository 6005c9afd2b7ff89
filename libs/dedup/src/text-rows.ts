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
  const writer = await task.write(table.name);
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
  const names = table.columns.map((column) => column.name);
  for await (const ids of chunksOfIds(part, other)) {
    const stale = ids.filter((id) => changed.has(id));
    const texts = await part.get(stale, columns);
    const others = new Map(((await other?.get(stale, beside!.columns)) ?? []).map((row) => [row.id, row]));
    const fresh = ids.filter((id) => !changed.has(id));
    const kept = await old.get(fresh, names);
    const rows = new Map(kept.map((row) => [row.id, row]));
    for (const text of texts)
      for (const row of toRow({ ...others.get(text.id), ...text })) rows.set(text.id, row);
    await writer.writeAll(ids.flatMap((id) => rows.get(id) ?? []));
    count(task, { computed: rows.size - kept.length, reused: kept.length });
    await task.progress(ids.length);
  }
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

/** Ids of a table, or of documents without a verdict, some hundreds at a time. */
async function* chunksOfIds(documents: PartReader, table?: PartReader): AsyncGenerator<string[]> {
  let chunk: string[] = [];
  for await (const { keys, columns } of table ? table.batches([]) : documents.batches(['verdict'])) {
    for (const [i, key] of keys.entries()) {
      if (columns.verdict?.[i] === undefined) chunk.push(key);
      if (chunk.length < chunkRows) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
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
