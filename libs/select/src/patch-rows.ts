// Bringing a table of this stage up to date by the documents of which something that it was made from changed.

import type { Row } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import type { PartReader } from '@gristmill/shards';
import type { SelectOptions } from './select-options.ts';

/** @param columns input → the columns that are looked at. @returns ids, sorted */
export async function changedKeys(
  { partition, previous, input }: PhaseTask<SelectOptions>,
  columns: Readonly<Record<string, readonly string[]>>,
): Promise<string[]> {
  const keys = new Set<string>();
  for (const [name, own] of Object.entries(columns)) {
    const before = previous!.input(name).part(partition!);
    for await (const { key } of input(name).part(partition!).changes(before, own)) keys.add(key);
  }
  return [...keys].sort();
}

/** Rows are looked up one by one: where an eighth of them changed, reading and writing the whole part costs less. */
export function isWorthPatching(changed: readonly string[], old: PartReader): boolean {
  return changed.length * 8 < old.rows + 64;
}

/** Those rows of an input that exist, by id. */
export async function rowsOf(
  task: PhaseTask<SelectOptions>,
  input: string,
  keys: readonly string[],
  columns: readonly string[],
): Promise<Map<string, Row>> {
  const rows = await task.input(input).part(task.partition!).get(keys, columns);
  return new Map(rows.map((row) => [row.id, row]));
}

interface Patching {
  readonly table: string;
  readonly old: PartReader;
  readonly changed: readonly string[];
  /** In the order of ids. */
  readonly rows: ReadonlyMap<string, Row>;
}

export async function patchWith(
  task: PhaseTask<SelectOptions>,
  { table, old, changed, rows }: Patching,
): Promise<void> {
  const writer = await task.write(table);
  await writer.patch(old, {
    removed: new Set(changed),
    added: [...rows.keys()],
    rows: (keys) => keys.map((key) => rows.get(key)!),
  });
}
