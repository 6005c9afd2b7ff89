// All parts of a table behind one reader, and the part that a table does not have.

import type { Row } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import type { PartEntry } from './part-footer.ts';
import { openPart, type StoredPart } from './part-reader.ts';
import type { PartReader, TableReader } from './table.ts';

/** Which partition an id belongs to: its leading bits. `partitions` is a power of two. */
export function partitionOf(id: string, partitions: number): number {
  return Math.floor(parseInt(id.slice(0, 8), 16) / (2 ** 32 / partitions));
}

export function emptyPart(partition: number): StoredPart {
  const entry: PartEntry = { path: '', partition, rows: 0, bytes: 0, sha256: '', footer: '', columns: {} };
  return openPart({} as Store, entry);
}

/** @param entries the table's parts, at most one a partition */
export function openTable(store: Store, entries: readonly PartEntry[], partitions: number): TableReader {
  const parts = new Map(entries.map((entry) => [entry.partition, openPart(store, entry)]));
  return tableOf(partitions, (partition) => parts.get(partition) ?? emptyPart(partition));
}

/** A table whose parts are made elsewhere (a join of several tables). */
export function tableOf(partitions: number, part: (partition: number) => PartReader): TableReader {
  const all = Array.from({ length: partitions }, (_, partition) => part(partition));
  return {
    partitions,
    parts: all,
    part: (partition) => all[partition],
    async get(ids, columns) {
      const byPartition = Map.groupBy(ids, (id) => partitionOf(id, partitions));
      const rows: Row[] = [];
      for (const [partition, keys] of byPartition) rows.push(...(await all[partition].get(keys, columns)));
      return rows;
    },
  };
}
