// Removes what no kept build names. First the list forgets the builds, then their manifests go, then the files: a
// crash in between leaves files that the next gc finds. raw/ is a recorded input and is not touched here.

import type { Store } from '@gristmill/storage';
import { inBatches } from './building.ts';
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
  readonly covered?: (manifest: Manifest) => Promise<boolean> | boolean;
}

/** Folders of the corpus that hold more than builds' files. */
const kept = ['raw/', 'log/', 'lease/', 'manifests/'];
const keptFiles = new Set(['corpus.json', 'manifest.json']);

/** @throws DataError `corpus-busy` while a build is at work: what it wrote is in no manifest yet */
export function collectGarbage(store: Store, options: GcOptions = {}): Promise<GcOutcome> {
  return underLease(store, 'gc', () => collect(store, options));
}

async function collect(store: Store, options: GcOptions): Promise<GcOutcome> {
  const { builds } = await readIndex(store);
  const newest = builds.slice(-Math.max(1, options.keep ?? 3));
  const keptBuilds: string[] = [];
  const paths = new Set<string>();
  for (const build of builds) {
    const manifest = (await readManifest(store, build))!;
    const isPinned = manifest.files.some((file) => options.pinnedIndexes?.has(file.sha256));
    const isLast = build === builds.at(-1);
    const isCovered = !isLast && options.covered !== undefined && (await options.covered(manifest));
    if (isCovered || !(newest.includes(build) || isPinned)) continue;
    keptBuilds.push(build);
    for (const { path } of manifest.files) paths.add(path);
    if (isLast) for (const target of Object.keys(manifest.current)) paths.add(target);
  }
  if (keptBuilds.length < builds.length) await writeIndex(store, keptBuilds);
  const keptManifests = new Set(keptBuilds.map((build) => manifestPath(build)));
  const isGarbage = (path: string) =>
    path.startsWith('manifests/')
      ? !keptManifests.has(path)
      : !paths.has(path) && !keptFiles.has(path) && !kept.some((folder) => path.startsWith(folder));
  const garbage = (await store.list('')).filter(({ path }) => isGarbage(path));
  // Markers go before what they name: a part without its marker is nothing, a marker without its part is damage.
  const ordered = [
    ...garbage.filter(({ path }) => path.endsWith('.commit')),
    ...garbage.filter(({ path }) => !path.endsWith('.commit')),
  ];
  await inBatches(ordered, ({ path }) => store.remove(path));
  return {
    kept: keptBuilds,
    removedBuilds: builds.filter((build) => !keptBuilds.includes(build)),
    removedFiles: garbage.length,
    removedBytes: garbage.reduce((sum, { size }) => sum + size, 0),
  };
}

/** What a training run pins: the digests of the index.json in its folder. */
export async function pinnedIndexes(runs: readonly Store[]): Promise<Set<string>> {
  const digests = new Set<string>();
  for (const run of runs) {
    const description = await readRunDescription(run);
    if (description?.index !== undefined) digests.add(description.index);
  }
  return digests;
}
