// One partition of the acquire table: the rows that stay from the previous part, and those that were just imported.
// Where several items share an id the current revision wins, whatever the order of arrival. Memory: one partition's
// new rows.

import type { Row } from '@gristmill/core';
import {
  createPartWriter,
  cutGroups,
  openPart,
  toBatch,
  type PartEntry,
  type Segment,
  type StoredPart,
} from '@gristmill/shards';
import type { Store, StoreWriter } from '@gristmill/storage';
import { chooseRows } from './acquire-rows.ts';
import { acquireTable } from './acquire-table.ts';
import { countSegments } from './count-segments.ts';
import { commitMarker, openTaskWriter } from './commit-task.ts';
import { openRewording, type RewordingWork } from './reword-rows.ts';
import { markerPath, partName, readMarker, type Marker } from './marker.ts';
import { taskId } from './stage-key.ts';
import { acquireStep } from './steps.ts';
import type { Tombstone } from './tombstones.ts';

export interface AcquirePartWork extends RewordingWork {
  readonly key: string;
  readonly partition: number;
  /** True among ranks: others may be at the same part. */
  readonly isShared?: boolean;
  readonly previous?: PartEntry;
  /** Source → files whose old rows are replaced; `all` for every file. A source that is not listed keeps its rows. */
  readonly replaced: Readonly<Record<string, readonly string[] | 'all'>>;
  /** Sources of the recipe: rows of others go. */
  readonly sources: readonly string[];
  readonly spills: readonly string[];
  readonly tombstones: readonly Tombstone[];
}

/** What a partition must hold, and what its marker does not tell. */
export interface SeenPart {
  readonly task: Pick<Marker, 'step' | 'partition' | 'id' | 'key' | 'inputs'>;
  /** [source, file] of items that lost to another item of the same id: to be read again when that one goes. */
  readonly losers: readonly (readonly [string, string])[];
  /** Files in the source's raw folder that hold current revisions, as `<source>/<file>`. */
  readonly rawFiles: readonly string[];
}

export interface AcquirePartOutcome extends Omit<SeenPart, 'task'> {
  readonly marker: Marker;
  readonly computed: number;
  readonly reused: number;
}

export async function acquirePart(store: Store, work: AcquirePartWork): Promise<AcquirePartOutcome> {
  const { task, chosen, previous } = await choosePart(store, work);
  const { rows, removed, kept, losers, rawFiles } = chosen;
  const rest = { losers, rawFiles: [...rawFiles], computed: rows.length, reused: kept };
  const known = await readMarker(store, markerPath(task));
  if (known) return { marker: known, ...rest };
  const path = `${acquireStep}/${partName(work.partition, task.id)}.parquet`;
  const writer = await openTaskWriter(store, path, {
    ...task,
    marker: markerPath(task),
    isShared: work.isShared,
  });
  const part = await writeRows(writer, { rows, removed, previous });
  const marker: Marker = {
    format: 'gristmill-marker',
    version: 1,
    ...task,
    parts: [{ table: acquireStep, path, partition: work.partition, ...part }],
    files: [],
    replaced: [],
    counts: part.counts ?? {},
  };
  return { marker: await commitMarker(store, marker), ...rest };
}

/** As `acquirePart`, but writes nothing. */
export async function seePart(store: Store, work: AcquirePartWork): Promise<SeenPart> {
  const { task, chosen } = await choosePart(store, work);
  return { task, losers: chosen.losers, rawFiles: [...chosen.rawFiles] };
}

async function choosePart(store: Store, work: AcquirePartWork) {
  const previous = work.previous && work.previous.rows > 0 ? openPart(store, work.previous) : undefined;
  const chosen = await chooseRows(work, previous, await openRewording(store, work));
  const inputs = [['rows', chosen.digest]];
  const id = taskId(work.key, acquireStep, work.partition, inputs);
  const task = { step: acquireStep, partition: work.partition, id, key: work.key, inputs };
  return { task, chosen, previous };
}

/** A verdict in the acquire table is acquire's own, whoever gave it. */
const count = (segments: readonly Segment[]) =>
  countSegments(segments, { column: 'bytes', isOwn: () => true });

interface NewRows {
  /** By id. */
  readonly rows: readonly Row[];
  /** Ids of the previous part that go or are replaced. */
  readonly removed: ReadonlySet<string>;
  readonly previous: StoredPart | undefined;
}

async function writeRows(
  sink: StoreWriter,
  { rows, removed, previous }: NewRows,
): Promise<Omit<PartEntry, 'path' | 'partition'>> {
  const writer = createPartWriter(acquireTable, sink);
  try {
    if (previous) {
      let given = 0;
      const patch = {
        removed,
        added: rows.map((row) => row.id),
        rows: (keys: readonly string[]) => rows.slice(given, (given += keys.length)),
      };
      await writer.patchGroups(previous, patch, { count });
    } else {
      const borders = cutGroups(
        rows.map((row) => row.id),
        acquireTable.groupRows!,
      );
      for (const { prefix, start, end } of borders) {
        const own = rows.slice(start, end);
        await writer.writeGroup(prefix, toBatch(acquireTable, own), count(own.map((row) => ({ row }))));
      }
    }
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
