// Manifests: a build is the recipe as resolved and every file that it consists of. `manifests/<build>.json` is never
// changed; `manifest.json` lists the builds, newest last, and is replaced atomically.

import { createRecord, DataError, sha256, type JsonObject } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import { checkVersion } from './format-version.ts';
import { forgetRepaired, readRepaired } from './repaired-builds.ts';
import { markerPath, parseMarker, partName, spellMarker, type Marker } from './marker.ts';

export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: 'gristmill-manifest';
  readonly version: 1;
  /** First 12 hex digits of SHA-256 over the sorted lines `path sha256`. */
  readonly build: string;
  readonly recipe: JsonObject;
  /** Artefact → SHA-256 of the pins that were used. */
  readonly pins: Readonly<Record<string, string>>;
  /** Sorted by path. */
  readonly files: readonly ManifestFile[];
  /** Files whose name stays while their content changes: path → the file of `files` with this build's content. */
  readonly current: Readonly<Record<string, string>>;
}

export interface CorpusIndex {
  readonly format: 'gristmill-corpus';
  readonly version: 1;
  /** Newest last. */
  readonly builds: readonly string[];
}

export const indexFile = 'manifest.json';
export const manifestPath = (build: string) => `manifests/${build}.json`;

export function makeManifest(
  parts: Pick<Manifest, 'recipe' | 'pins'> & { markers: readonly Marker[]; raw: readonly ManifestFile[] },
): Manifest {
  const files = new Map<string, ManifestFile>();
  const current = createRecord<string>();
  const add = ({ path, bytes, sha256: digest }: ManifestFile) =>
    files.set(path, { path, bytes, sha256: digest });
  for (const marker of parts.markers) {
    const spelled = new TextEncoder().encode(spellMarker(marker));
    add({ path: markerPath(marker), bytes: spelled.length, sha256: sha256(spelled) });
    [...marker.parts, ...marker.files, ...marker.replaced].forEach(add);
    for (const { target, path } of marker.replaced) current[target] = path;
  }
  parts.raw.forEach(add);
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const build = sha256(sorted.map((file) => `${file.path} ${file.sha256}`).join('\n')).slice(0, 12);
  return {
    format: 'gristmill-manifest',
    version: 1,
    build,
    recipe: parts.recipe,
    pins: parts.pins,
    files: sorted,
    current: Object.fromEntries(Object.entries(current).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Puts named files in place, then the manifest, then its entry in the list. */
export async function publishManifest(store: Store, manifest: Manifest): Promise<{ isNew: boolean }> {
  for (const [target, path] of Object.entries(manifest.current)) {
    const bytes = await store.read(path);
    const standing = await store.stat(target);
    const isSame = standing?.size === bytes.length && sha256(await store.read(target)) === sha256(bytes);
    if (!isSame) await store.replace(target, bytes);
  }
  const { builds } = await readIndex(store);
  await putManifest(store, manifest);
  const repaired = await readRepaired(store);
  const isNew = builds.at(-1) !== manifest.build;
  if (!isNew && repaired.size === 0) return { isNew };
  const whole = builds.filter((build) => build !== manifest.build && !repaired.has(build));
  await writeIndex(store, [...whole, manifest.build]);
  if (repaired.size > 0) await forgetRepaired(store);
  return { isNew };
}

/** A manifest as it is kept: its last member is the SHA-256 of the others, so that no bit of it can turn unseen. */
export function spellManifest(manifest: Manifest): string {
  const check = sha256(JSON.stringify(manifest));
  return `${JSON.stringify({ ...manifest, check }, null, 1)}\n`;
}

/** Creates it; one that is damaged is replaced. */
async function putManifest(store: Store, manifest: Manifest): Promise<void> {
  const path = manifestPath(manifest.build);
  const text = spellManifest(manifest);
  if (await store.create(path, text)) return;
  if (new TextDecoder().decode(await store.read(path)) !== text) await store.replace(path, text);
}

export function parseManifest(text: string, path: string): Manifest {
  let parsed: Manifest & { check: string };
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (cause) {
    throw damagedManifest(path, cause);
  }
  checkVersion(path, parsed.version);
  const { check: _check, ...manifest } = parsed;
  if (spellManifest(manifest) !== text) throw damagedManifest(path);
  return manifest;
}

function damagedManifest(path: string, cause?: unknown): DataError {
  return new DataError(
    'manifest-damaged',
    `${path} is damaged`,
    'run `gristmill fsck --repair` on the corpus',
    { cause },
  );
}

export function spellIndex(builds: readonly string[]): string {
  const index: CorpusIndex = { format: 'gristmill-corpus', version: 1, builds };
  return `${JSON.stringify(index, null, 1)}\n`;
}

export async function writeIndex(store: Store, builds: readonly string[]): Promise<void> {
  await store.replace(indexFile, spellIndex(builds));
}

export async function readIndex(store: Store): Promise<CorpusIndex> {
  const index = await readJson<CorpusIndex>(store, indexFile);
  if (!index) return { format: 'gristmill-corpus', version: 1, builds: [] };
  if (index.format !== 'gristmill-corpus') {
    throw new DataError('no-corpus', `${store.location} holds no corpus of Gristmill`, 'give another folder');
  }
  checkVersion(store.location, index.version);
  return index;
}

/** The newest build's manifest, or a given one's. */
export async function readManifest(store: Store, build?: string): Promise<Manifest | undefined> {
  const { builds } = await readIndex(store);
  const wanted = build ?? builds.at(-1);
  if (wanted === undefined) return undefined;
  const found = builds.filter((known) => known.startsWith(wanted));
  if (found.length !== 1) {
    throw new DataError(
      'no-such-build',
      `${store.location} has no build ${wanted}`,
      `its builds are ${builds.join(', ') || 'none'}`,
    );
  }
  const path = manifestPath(found[0]);
  if (!(await store.stat(path))) {
    throw new DataError(
      'manifest-missing',
      `the manifest of build ${found[0]} is missing`,
      'run the recipe again',
    );
  }
  return parseManifest(new TextDecoder().decode(await store.read(path)), path);
}

/** As `readManifest`, where a corpus must have been built. */
export async function requireManifest(store: Store, build?: string): Promise<Manifest> {
  const manifest = await readManifest(store, build);
  if (!manifest)
    throw new DataError(
      'nothing-built',
      `nothing is built in ${store.location}`,
      'run `gristmill run RECIPE.ts --corpus DIR` first',
    );
  return manifest;
}

/**
 * The markers of a build, checked; a missing one is left out and named.
 * @param over only those of one partition, or of tasks over all of them
 */
export async function readBuildMarkers(
  store: Store,
  manifest: Manifest,
  over?: number | 'whole',
): Promise<{ markers: Marker[]; lost: string[] }> {
  const name = over === undefined ? '' : typeof over === 'number' ? `/${partName(over, '')}` : '/all-';
  const paths = manifest.files
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.commit') && path.includes(name));
  const markers: Marker[] = [];
  const lost: string[] = [];
  for (let at = 0; at < paths.length; at += 64) {
    const slice = paths.slice(at, at + 64);
    const read = await Promise.all(slice.map((path) => readOne(store, path)));
    read.forEach((marker, i) => (marker ? markers.push(marker) : lost.push(slice[i])));
  }
  return { markers, lost };
}

async function readOne(store: Store, path: string): Promise<Marker | undefined> {
  try {
    return parseMarker(new TextDecoder().decode(await store.read(path)), path);
  } catch (error) {
    // What cannot be reached is not lost.
    if (error instanceof DataError && (error.code === 'file-missing' || error.code === 'marker-damaged'))
      return undefined;
    throw error;
  }
}
