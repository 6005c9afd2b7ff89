// Acquire among ranks: every rank reads the sources, each writes the partitions that are its own, and takes the others'
// from those who wrote them. What a part's marker does not tell (items that lost, raw files) is left in log/ for the
// others, under what was found in the sources and what the parts were made from.

import { hashJson, type Json } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import type { AcquirePartOutcome } from './acquire-part.ts';
import type { BuildRun } from './build-run.ts';
import { markerPath, readMarker, type Marker } from './marker.ts';
import { awaitOthers, isOwn } from './ranks.ts';
import type { FileStates } from './source-files.ts';
import type { Tombstone } from './tombstones.ts';

interface Found {
  readonly sources: readonly {
    readonly name: string;
    readonly importer: string;
    readonly files: FileStates;
  }[];
  readonly tombstones: readonly Tombstone[];
}

/** Tells the other ranks what is in the sources: names and sizes, since times may differ between machines. */
export async function tellFound(run: BuildRun, { sources, tombstones }: Found): Promise<void> {
  if (run.options.ranks === undefined) return;
  const sized = sources.map(({ name, importer, files }) => {
    const sizes = Object.entries(files).map(([path, state]) => [path, state.split(':')[0]]);
    return { name, importer, files: Object.fromEntries(sizes) as Record<string, string> };
  });
  run.found = hashJson({ sources: sized, tombstones: tombstones as unknown as Json } as Json).slice(0, 16);
  await run.lease.tell(run.found);
}

interface SharedOutcome extends Omit<AcquirePartOutcome, 'marker'> {
  readonly marker: string;
}

/**
 * Outcomes of all partitions, those of other ranks as they left them.
 * @param compute writes some partitions, in their order
 */
export async function shareParts(
  run: BuildRun,
  previous: readonly Marker[],
  compute: (partitions: readonly number[]) => Promise<readonly AcquirePartOutcome[]>,
): Promise<AcquirePartOutcome[]> {
  const partitions = Array.from({ length: run.recipe.partitions }, (_, partition) => partition);
  if (run.options.ranks === undefined) return [...(await compute(partitions))];
  const from = hashJson(previous.map((marker) => markerPath(marker))).slice(0, 16);
  const folder = `log/acquire/${run.found}-${from}`;
  const outcomes = new Map<number, AcquirePartOutcome>();
  const computeAndTell = async (mine: readonly number[]) => {
    for (const [index, outcome] of (await compute(mine)).entries()) {
      outcomes.set(mine[index], outcome);
      const shared: SharedOutcome = { ...outcome, marker: markerPath(outcome.marker) };
      await run.store.replace(`${folder}/${mine[index]}.json`, JSON.stringify(shared));
    }
  };
  await computeAndTell(partitions.filter((partition) => isOwn(run, partition)));
  await awaitOthers(
    run,
    partitions.filter((partition) => !isOwn(run, partition)),
    {
      partition: (partition) => partition,
      look: async (partition) => {
        const outcome = await readOutcome(run.store, `${folder}/${partition}.json`);
        if (outcome) outcomes.set(partition, outcome);
        return outcome !== undefined;
      },
      compute: computeAndTell,
    },
  );
  await removeOthers(run.store, folder);
  return partitions.map((partition) => outcomes.get(partition)!);
}

/** Nothing of an earlier run counts whose part is gone. */
async function readOutcome(store: Store, path: string): Promise<AcquirePartOutcome | undefined> {
  const shared = await readJson<SharedOutcome>(store, path).catch(() => undefined);
  const marker = shared && (await readMarker(store, shared.marker).catch(() => undefined));
  return marker && { ...shared, marker, computed: 0, reused: marker.parts[0].rows };
}

/** Other ranks may still be reading this folder; those of earlier runs are over. */
async function removeOthers(store: Store, folder: string): Promise<void> {
  for (const { path } of await store.list('log/acquire/')) {
    if (!path.startsWith(`${folder}/`)) await store.remove(path);
  }
}
