// Removes what no kept build names. First the list forgets the builds, then their manifests go, then the files: a
// crash in between leaves files that the next gc finds. raw/ is a recorded input and is not touched here.

import { liveReaders, readersFolder, type Store, type StoredFile } from '@gristmill/storage';
import { inBatches } from './building.ts';
import { isKeptRecipe } from './last-run.ts';
import { underLease } from './lease.ts';
import { manifestPath, readIndex, readManifest, writeIndex, type Manifest } from './manifest.ts';
import { readRunDescription } from './training-runs.ts';

export interface GcOutcome {
  readonly kept: readonly string[];
  readonly removedBuilds: readonly string[];
  readonly removedFiles: number;
  readonly removedBytes: number;
}

export interface GcOptions {
  /** The newest builds to keep. */
  readonly keep?: number;
  /** SHA-256 of token indexes that training runs pin: builds that hold one are kept. */
  readonly pinnedIndexes?: ReadonlySet<string>;
  /** Builds that must go all the same: they hold what was forgotten. */
  readonly covered?: (manifest: Manifest, isNewest: boolean) => Promise<boolean> | boolean;
}

/** Folders of the corpus that hold more than builds' files. */
const kept = ['raw/', 'log/', 'lease/', 'manifests/', readersFolder];
const keptFiles = new Set(['corpus.json', 'manifest.json']);

/** @throws DataError `corpus-busy` while a build is at work: what it wrote is in no manifest yet */
export function collectGarbage(store: Store, options: GcOptions = {}): Promise<GcOutcome> {
  return underLease(store, 'being cleaned up', async () => {
    const plan = await planCollection(store, await withReaders(store, options));
    await carryOut(store, plan);
    return outcomeOf(plan);
  });
}

/** What `collectGarbage` would do now. */
export async function foreseeGarbage(store: Store, options: GcOptions = {}): Promise<GcOutcome> {
  return outcomeOf(await planCollection(store, await withReaders(store, options)));
}

/** A training that runs reads its shards to the end, whether it was named or not. */
async function withReaders(store: Store, options: GcOptions): Promise<GcOptions> {
  const read = await liveReaders(store);
  return { ...options, pinnedIndexes: new Set([...(options.pinnedIndexes ?? []), ...read]) };
}

interface CollectionPlan {
  readonly kept: readonly string[];
  readonly removed: readonly string[];
  readonly garbage: readonly StoredFile[];
}

async function planCollection(store: Store, options: GcOptions): Promise<CollectionPlan> {
  const { builds } = await readIndex(store);
  const newest = builds.slice(-Math.max(1, options.keep ?? 3));
  const keptBuilds: string[] = [];
  const paths = new Set<string>();
  for (const build of builds) {
    const manifest = (await readManifest(store, build))!;
    const isPinned = manifest.files.some((file) => options.pinnedIndexes?.has(file.sha256));
    const isLast = build === builds.at(-1);
    const isCovered = options.covered !== undefined && (await options.covered(manifest, isLast));
    if (isCovered || !(newest.includes(build) || isPinned)) continue;
    keptBuilds.push(build);
    for (const { path } of manifest.files) paths.add(path);
    if (isLast) for (const target of Object.keys(manifest.current)) paths.add(target);
  }
  const keptManifests = new Set(keptBuilds.map((build) => manifestPath(build)));
  const isGarbage = (path: string) =>
    path.startsWith('manifests/')
      ? !keptManifests.has(path)
      : !paths.has(path) && !isKept(path) && !kept.some((folder) => path.startsWith(folder));
  return {
    kept: keptBuilds,
    removed: builds.filter((build) => !keptBuilds.includes(build)),
    garbage: (await store.list('')).filter(({ path }) => isGarbage(path)),
  };
}

const isKept = (path: string) => keptFiles.has(path) || isKeptRecipe(path);

async function carryOut(store: Store, { kept: builds, removed, garbage }: CollectionPlan): Promise<void> {
  if (removed.length > 0) await writeIndex(store, builds);
  // Markers go before what they name: a part without its marker is nothing, a marker without its part is damage.
  const ordered = [
    ...garbage.filter(({ path }) => path.endsWith('.commit')),
    ...garbage.filter(({ path }) => !path.endsWith('.commit')),
  ];
  await inBatches(ordered, ({ path }) => store.remove(path));
}

const outcomeOf = ({ kept: builds, removed, garbage }: CollectionPlan): GcOutcome => ({
  kept: builds,
  removedBuilds: removed,
  removedFiles: garbage.length,
  removedBytes: garbage.reduce((sum, { size }) => sum + size, 0),
});

/** What a training run pins: the digests of the index.json in its folder. */
export async function pinnedIndexes(runs: readonly Store[]): Promise<Set<string>> {
  const digests = new Set<string>();
  for (const run of runs) {
    const description = await readRunDescription(run);
    if (description?.index !== undefined) digests.add(description.index);
  }
  return digests;
}
