// The same task writes the same bytes, whoever does it. Where it did not, its stage is not a function of what it declared
// to read, and no build could be told from another: that is an error of the stage, and nothing of the first is touched.

import { DataError } from '@gristmill/core';
import type { Store, StoreWriter } from '@gristmill/storage';
import { hashStored } from './hash-stored.ts';
import { markerPath, readMarker, spellMarker, type Marker } from './marker.ts';

/** What a worker knows of a task whose file it writes. */
export interface WrittenTask {
  readonly step: string;
  readonly phase?: string;
  readonly partition?: number;
  /** Where its marker lies when it is done. */
  readonly marker: string;
  /** True where other processes may be at the same task. */
  readonly isShared?: boolean;
}

/**
 * A writer for a part of a task. Alone it replaces a damaged part, and not one that the task's marker tells right. Among
 * ranks it replaces a part by what the marker names and by nothing else: another rank's marker, which nobody can hold up,
 * may be about to name what stands there.
 */
export async function openTaskWriter(store: Store, path: string, task: WrittenTask): Promise<StoreWriter> {
  const writer = await store.writer(path);
  const refuse = async (own: string) => {
    const standing = await readMarker(store, task.marker);
    const named = standing && digestsOf(standing).get(path);
    if (task.isShared) {
      if (named === undefined) throw otherOfRank(task);
      if (named !== own) throw notDeterministic(task);
    } else if (named !== undefined && (await hashStored(store, path)).sha256 === named) {
      throw notDeterministic(task);
    }
  };
  return { ...writer, commit: () => writer.commit(refuse) };
}

/**
 * Commits a task. Of two workers with the same task the first wins, with the same bytes.
 * @throws DataError `not-deterministic` when the bytes are not the same
 */
export async function commitMarker(store: Store, marker: Marker): Promise<Marker> {
  const path = markerPath(marker);
  if (await store.create(path, spellMarker(marker))) return marker;
  const standing = await readMarker(store, path);
  // Who found that it lied has just taken it away.
  if (!standing) return commitMarker(store, marker);
  await checkSame(store, { standing, own: marker, path });
  return standing;
}

interface TwoMarkers {
  readonly standing: Marker;
  readonly own: Marker;
  readonly path: string;
}

async function checkSame(store: Store, { standing, own, path }: TwoMarkers): Promise<void> {
  const written = digestsOf(own);
  const other = [...digestsOf(standing)].filter(([name, digest]) => written.get(name) !== digest);
  if (other.length === 0 && written.size === digestsOf(standing).size) return;
  // Ours may have come over theirs before their marker stood: then the task is undone.
  for (const [name, digest] of other) {
    if (!(await store.stat(name)) || (await hashStored(store, name)).sha256 === digest) continue;
    await store.remove(path);
    await store.remove(name);
  }
  throw notDeterministic(standing);
}

function digestsOf({ parts, files, replaced }: Marker): Map<string, string> {
  return new Map([...parts, ...files, ...replaced].map(({ path, sha256 }) => [path, sha256]));
}

type Named = Pick<Marker, 'step' | 'phase' | 'partition'>;

const stageOf = ({ step, phase }: Named) => (phase === undefined ? step : `${step} (${phase})`);
const placeOf = ({ partition }: Named) => (partition === undefined ? 'the whole' : `partition ${partition}`);

function notDeterministic(task: Named): DataError {
  return new DataError(
    'not-deterministic',
    `stage ${stageOf(task)} gave other bytes for ${placeOf(task)} than before`,
    'its output must depend on its input, options and artefacts alone: no clock, no random without a seed',
  );
}

function otherOfRank(task: Named): DataError {
  return new DataError(
    'not-deterministic',
    `stage ${stageOf(task)} gave other bytes for ${placeOf(task)} than another rank, which may be at work`,
    'its output must depend on its input, options and artefacts alone; once all ranks have ended, `gristmill gc` removes what a killed one left',
  );
}
