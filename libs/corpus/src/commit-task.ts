// The same task writes the same bytes, whoever does it. Where it did not, its stage is not a function of what it declared
// to read, and no build could be told from another: that is an error of the stage, and nothing of the first is touched.

import { DataError } from '@gristmill/core';
import type { Store, StoreWriter } from '@gristmill/storage';
import { hashStored } from './hash-stored.ts';
import { markerPath, readMarker, spellMarker, type Marker } from './marker.ts';

/** A writer for a part of a task. It replaces a damaged part, and not one that the task's marker tells right. */
export async function openTaskWriter(store: Store, path: string, marker: string): Promise<StoreWriter> {
  const writer = await store.writer(path);
  const refuse = async () => {
    const standing = await readMarker(store, marker);
    const named = standing && digestsOf(standing).get(path);
    if (named !== undefined && (await hashStored(store, path)).sha256 === named)
      throw notDeterministic(standing!);
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
  if (!standing) return marker;
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

function notDeterministic({ step, phase, partition }: Marker): DataError {
  const stage = phase === undefined ? step : `${step} (${phase})`;
  return new DataError(
    'not-deterministic',
    `stage ${stage} gave other bytes for ${partition === undefined ? 'the whole' : `partition ${partition}`} than before`,
    'its output must depend on its input, options and artefacts alone: no clock, no random without a seed',
  );
}
