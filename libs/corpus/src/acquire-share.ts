// Acquire among ranks: every rank reads the sources, so each knows of every partition what it must hold, by the id of
// its task. Each writes the partitions that are its own and waits for the markers of the others': a marker of an earlier
// run that fits is as good, one that was made from other texts has another name.

import { hashJson, type Json } from '@gristmill/core';
import type { AcquirePartOutcome, SeenPart } from './acquire-part.ts';
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
  /** Origin → digest of its last reading. */
  readonly hosts: Readonly<Record<string, string>>;
}

const shortHash = (value: unknown): string => hashJson(value as Json).slice(0, 16);

/** Tells the other ranks what is in the sources: names and sizes, since times may differ between machines. */
export async function tellFound(run: BuildRun, { sources, tombstones, hosts }: Found): Promise<void> {
  if (run.options.ranks === undefined) return;
  const sized = sources.map(({ name, importer, files }) => {
    const sizes = Object.entries(files).map(([path, state]) => [path, state.split(':')[0]]);
    return { name, importer, files: Object.fromEntries(sizes) as Record<string, string> };
  });
  run.found = shortHash({ sources: sized, tombstones, hosts });
  await run.lease.tell(run.found);
}

/** Adds what the sources hold, once it is known. @param tasks of all partitions */
export async function tellRead(
  run: BuildRun,
  tasks: readonly Pick<Marker, 'id' | 'partition'>[],
): Promise<void> {
  if (run.options.ranks === undefined) return;
  const ids = new Map(tasks.map(({ partition, id }) => [partition!, id]));
  run.found = `${run.found}-${shortHash([...ids].sort(([a], [b]) => a - b))}`;
  await run.lease.tell(run.found);
}

interface Parts {
  /** Writes some partitions, in their order. */
  compute(partitions: readonly number[]): Promise<readonly AcquirePartOutcome[]>;
  /** Looks at what some partitions must hold, and writes nothing. */
  see(partitions: readonly number[]): Promise<readonly SeenPart[]>;
}

/** Outcomes of all partitions, whoever wrote them. */
export async function shareParts(run: BuildRun, parts: Parts): Promise<AcquirePartOutcome[]> {
  const partitions = Array.from({ length: run.recipe.partitions }, (_, partition) => partition);
  if (run.options.ranks === undefined) return [...(await parts.compute(partitions))];
  const outcomes = new Map<number, AcquirePartOutcome>();
  const compute = async (mine: readonly number[]) => {
    for (const outcome of await parts.compute(mine)) outcomes.set(outcome.marker.partition!, outcome);
  };
  await compute(partitions.filter((partition) => isOwn(run, partition)));
  const seen = await parts.see(partitions.filter((partition) => !isOwn(run, partition)));
  const own = [...outcomes.values()].map(({ marker }) => marker);
  await tellRead(run, [...own, ...seen.map(({ task }) => task)]);
  await awaitOthers(run, seen, {
    partition: ({ task }) => task.partition!,
    look: async ({ task, losers, rawFiles }) => {
      if (outcomes.has(task.partition!)) return true;
      const marker = await readMarker(run.store, markerPath(task));
      if (!marker) return false;
      const reused = marker.parts[0].rows;
      outcomes.set(task.partition!, { marker, losers, rawFiles, computed: 0, reused });
      return true;
    },
    compute: (orphans) => compute(orphans.map(({ task }) => task.partition!)),
  });
  return partitions.map((partition) => outcomes.get(partition)!);
}
