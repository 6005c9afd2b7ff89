// Documents whose row of `signatures` came, went or changed since the previous build, with both rows.

import type { PhaseTask } from '@gristmill/corpus';
import { partitionOf, type TableReader } from '@gristmill/shards';
import type { DedupOptions } from './dedup-options.ts';

/** A row of `signatures` whose text has words, and so a form. */
export interface Signed {
  readonly id: string;
  readonly hash: string;
  readonly words: number;
  readonly length: number;
  readonly address?: string;
  readonly bands: Uint8Array;
  readonly sketch: Uint8Array;
}

export interface ChangedDocuments {
  readonly ids: ReadonlySet<string>;
  readonly old: readonly Signed[];
  readonly now: readonly Signed[];
}

const columns = ['hash', 'words', 'length', 'bands', 'sketch', 'address'] as const;
/** Bands and sketch are functions of the text's normal form, whose hash stands for them. */
const compared = ['hash', 'words', 'length', 'address'] as const;

/** Undefined when more than `most` documents changed. */
export async function readChanged(
  task: PhaseTask<DedupOptions>,
  most: number,
): Promise<ChangedDocuments | undefined> {
  const [before, after] = [task.previous!.input('signatures'), task.input('signatures')];
  const ids = new Set<string>();
  for (const part of after.parts) {
    for await (const { key } of part.changes(before.part(part.partition), compared)) ids.add(key);
    if (ids.size > most) return undefined;
  }
  return { ids, old: await readRows(before, ids), now: await readRows(after, ids) };
}

async function readRows(table: TableReader, ids: ReadonlySet<string>): Promise<Signed[]> {
  const rows: Signed[] = [];
  const byPartition = Map.groupBy(ids, (id) => partitionOf(id, table.partitions));
  for (const [partition, keys] of byPartition) {
    for (const row of (await table.part(partition).get(keys, columns)) as unknown as Signed[]) {
      // Copies: what was read lies in pages of whole row groups.
      if (row.words > 0) rows.push({ ...row, bands: row.bands.slice(), sketch: row.sketch.slice() });
    }
  }
  return rows;
}
