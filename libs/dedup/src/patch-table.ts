// A table as the previous build left it with other rows under some keys, part by part. A part without rows is not written,
// as in a build from nothing.

import type { Row } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import { partitionOf } from '@gristmill/shards';
import type { DedupOptions } from './dedup-options.ts';

export interface TablePatch {
  /** Key → how many rows go. */
  readonly removed: ReadonlyMap<string, number>;
  /** Key → its rows, all of them, in order. */
  readonly added: ReadonlyMap<string, readonly Row[]>;
}

/** @returns rows of the whole table */
export async function patchTable(
  task: PhaseTask<DedupOptions>,
  name: string,
  { removed, added }: TablePatch,
): Promise<number> {
  const partition = (key: string): number => partitionOf(key, task.partitions);
  const [gone, come] = [Map.groupBy(removed.keys(), partition), Map.groupBy(added.keys(), partition)];
  let total = 0;
  for (const old of task.previous!.output(name).parts) {
    const [goes, comes] = [gone.get(old.partition) ?? [], come.get(old.partition) ?? []];
    const fresh = comes.reduce((sum, key) => sum + added.get(key)!.length, 0);
    const rows = goes.reduce((sum, key) => sum - removed.get(key)!, old.rows + fresh);
    total += rows;
    if (rows === 0) continue;
    const writer = await task.write(name, old.partition);
    await writer.patch(old, {
      removed: new Set(goes),
      added: comes.sort(),
      rows: (keys) => keys.flatMap((key) => added.get(key)!),
    });
    await task.progress(0);
  }
  return total;
}
