// Checks a corpus: every file of every build against its checksum, every marker, manifest and list against itself,
// every token against a document. Repairing removes what is damaged together with its marker, so that the next run
// computes it again; what cannot be computed again (raw files, tombstones) is named with its documents.

import { DataError, LargeSet } from '@gristmill/core';
import { idAt, openPart, openTokens, parseIndex, type TokenStore } from '@gristmill/shards';
import { readJson, type Store } from '@gristmill/storage';
import { inBatches } from './building.ts';
import { checkVersion } from './format-version.ts';
import { deniedDocuments } from './fsck-consent.ts';
import { checkLock } from './fsck-lock.ts';
import { addRepaired } from './repaired-builds.ts';
import { forgetBuilt } from './unchanged.ts';
import { hashStored } from './hash-stored.ts';
import { underLease } from './lease.ts';
import {
  indexFile,
  manifestPath,
  parseManifest,
  spellIndex,
  writeIndex,
  type Manifest,
  type ManifestFile,
} from './manifest.ts';
import { requireCorpus } from './require-corpus.ts';
import { parseMarker, type Marker } from './marker.ts';
import { acquireStep } from './steps.ts';

export interface Damage {
  readonly path: string;
  readonly problem: string;
  /** The newest build that names the file. */
  readonly build?: string;
  /** Documents that it concerns, for raw files. */
  readonly documents?: readonly string[];
  /** False for what only its origin can give again. */
  readonly repairable: boolean;
}

export interface Check {
  readonly builds: readonly string[];
  readonly files: number;
  readonly bytes: number;
  readonly damages: readonly Damage[];
  /** Markers by path, of all builds. */
  readonly markers: ReadonlyMap<string, Marker>;
}

/** @param lock the file by which it was last built; without it lock and pins are not looked at */
export async function checkCorpus(store: Store, lock?: string): Promise<Check> {
  const damages: Damage[] = lock === undefined ? [] : await checkLock(store, lock);
  await requireCorpus(store);
  await refuseOtherVersion(store);
  const builds = await checkIndex(store, damages);
  await checkCorpusFile(store, damages);
  const named = new Map<string, ManifestFile & { build: string }>();
  const manifests: Manifest[] = [];
  for (const build of builds) {
    const manifest = await checkManifest(store, build, damages);
    if (!manifest) continue;
    manifests.push(manifest);
    for (const file of manifest.files) named.set(file.path, { ...file, build });
  }
  const found = await inBatches([...named.values()], (file) => checkFile(store, file), 8);
  damages.push(...found.filter((damage) => damage !== undefined));
  const markers = await checkMarkers(store, [...named.values()], damages);
  await checkUnfinished(store, named, damages);
  await checkCurrent(store, manifests.at(-1), damages);
  await checkRaw(store, damages, markers);
  if (damages.length === 0 && manifests.length > 0)
    await checkTokens(store, manifests.at(-1)!, markers, damages);
  const bytes = [...named.values()].reduce((sum, file) => sum + file.bytes, 0);
  return { builds, files: named.size, bytes, damages, markers };
}

/** Two files that agree on another version are no damage: nothing of such a corpus may be repaired here. */
async function refuseOtherVersion(store: Store): Promise<void> {
  const read = (path: string) => readJson<{ version?: unknown }>(store, path).catch(() => undefined);
  const [corpus, index] = [await read('corpus.json'), await read(indexFile)];
  if (typeof corpus?.version === 'number' && corpus.version === index?.version)
    checkVersion(store.location, corpus.version);
}

async function readText(store: Store, path: string): Promise<string | undefined> {
  if (!(await store.stat(path))) return undefined;
  return new TextDecoder().decode(await store.read(path));
}

/** A damaged list is made anew from the manifests that are there; a listed build without a manifest is named. */
async function checkIndex(store: Store, damages: Damage[]): Promise<string[]> {
  const there = (await store.list('manifests/')).map(({ path }) =>
    path.slice('manifests/'.length).replace(/\.json$/, ''),
  );
  const text = await readText(store, indexFile);
  if (text === undefined && there.length === 0) return [];
  const damaged = (problem: string) => damages.push({ path: indexFile, problem, repairable: true });
  let builds: string[];
  try {
    ({ builds } = JSON.parse(text ?? '') as { builds: string[] });
  } catch {
    damaged(text === undefined ? 'it is missing' : 'it is no JSON');
    return there;
  }
  const isAsWritten = Array.isArray(builds) && spellIndex(builds) === text;
  const missing = isAsWritten ? builds.filter((build) => !there.includes(build)) : [];
  const listed = Array.isArray(builds) ? builds.filter((build) => there.includes(build)) : [];
  const unlisted = there.filter((build) => !listed.includes(build));
  // A wrong bit in the list names a build that never was, and leaves one unlisted.
  if (!isAsWritten || (missing.length > 0 && unlisted.length > 0))
    damaged('it is not the list of builds that was written');
  for (const build of missing)
    damages.push({ path: manifestPath(build), problem: 'it is missing', repairable: true });
  if (isAsWritten && missing.length === 0) return builds;
  return [...listed, ...unlisted];
}

async function checkCorpusFile(store: Store, damages: Damage[]): Promise<void> {
  const text = await readText(store, 'corpus.json');
  const partitions = /"partitions":(\d+)\}\n$/.exec(text ?? '')?.[1];
  const right = `${JSON.stringify({ format: 'gristmill-corpus', version: 1, partitions: Number(partitions) })}\n`;
  const isSound = text === right && Number.isInteger(Math.log2(Number(partitions)));
  if (!isSound)
    damages.push({
      path: 'corpus.json',
      problem: text === undefined ? 'it is missing' : 'it is not what was written',
      repairable: true,
    });
}

async function checkManifest(store: Store, build: string, damages: Damage[]): Promise<Manifest | undefined> {
  const path = manifestPath(build);
  try {
    const manifest = parseManifest((await readText(store, path)) ?? '', path);
    if (manifest.build === build) return manifest;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
  }
  damages.push({ path, problem: 'it is not the manifest that was written', build, repairable: true });
  return undefined;
}

async function checkFile(store: Store, file: ManifestFile & { build: string }): Promise<Damage | undefined> {
  const { path, build } = file;
  const repairable = !path.startsWith('raw/');
  const found = await store.stat(path);
  if (!found) return { path, build, problem: 'it is missing', repairable };
  if (found.size !== file.bytes)
    return { path, build, problem: `it has ${found.size} bytes instead of ${file.bytes}`, repairable };
  const { sha256 } = await hashStored(store, path);
  return sha256 === file.sha256
    ? undefined
    : { path, build, problem: 'its SHA-256 is not the one in the manifest', repairable };
}

async function checkMarkers(
  store: Store,
  files: readonly ManifestFile[],
  damages: Damage[],
): Promise<Map<string, Marker>> {
  const broken = new Set(damages.map(({ path }) => path));
  const markers = new Map<string, Marker>();
  for (const { path } of files) {
    if (!path.endsWith('.commit') || broken.has(path)) continue;
    markers.set(path, parseMarker((await readText(store, path))!, path));
  }
  return markers;
}

/** Markers of a build that did not come to its end: the next run reads them, so they must be whole. */
async function checkUnfinished(
  store: Store,
  named: ReadonlyMap<string, unknown>,
  damages: Damage[],
): Promise<void> {
  for (const { path } of await store.list('')) {
    if (!path.endsWith('.commit') || path.startsWith('raw/') || named.has(path)) continue;
    try {
      parseMarker((await readText(store, path)) ?? '', path);
    } catch (error) {
      if (!(error instanceof DataError) || error.code !== 'marker-damaged') throw error;
      damages.push({ path, problem: 'it is not the marker that was written', repairable: true });
    }
  }
}

/** Files whose name stays hold what the newest build says. */
async function checkCurrent(store: Store, manifest: Manifest | undefined, damages: Damage[]): Promise<void> {
  for (const [target, path] of Object.entries(manifest?.current ?? {})) {
    const kept = manifest!.files.find((file) => file.path === path)!;
    const standing = (await store.stat(target)) ? await hashStored(store, target) : undefined;
    if (standing?.sha256 !== kept.sha256) {
      damages.push({
        path: target,
        problem: 'it is not what the newest build says',
        build: manifest!.build,
        repairable: true,
      });
    }
  }
}

/** Names the documents of damaged raw files. */
async function checkRaw(
  store: Store,
  damages: Damage[],
  markers: ReadonlyMap<string, Marker>,
): Promise<void> {
  for (const [index, damage] of damages.entries()) {
    if (!damage.path.startsWith('raw/')) continue;
    damages[index] = { ...damage, documents: await documentsOf(store, damage.path, markers) };
  }
}

async function documentsOf(
  store: Store,
  rawPath: string,
  markers: ReadonlyMap<string, Marker>,
): Promise<string[]> {
  const ids = new Set<string>();
  for (const { step, parts } of markers.values()) {
    if (step !== acquireStep) continue;
    for await (const row of openPart(store, parts[0]).readRows(['sourceName', 'rawFile', 'url'])) {
      if (`raw/${String(row.sourceName)}/${String(row.rawFile)}` === rawPath)
        ids.add((row.url as string | undefined) ?? row.id);
    }
  }
  return [...ids].sort();
}

/** Every document of every shard has a row in the acquire table, and none is refused by what was said of its use. */
async function checkTokens(
  store: Store,
  manifest: Manifest,
  markers: ReadonlyMap<string, Marker>,
  damages: Damage[],
): Promise<void> {
  const indexes = Object.keys(manifest.current).filter((path) => /^tokens\/[^/]+\/index\.json$/.test(path));
  const own = new Set(manifest.files.map(({ path }) => path));
  const known = new LargeSet<string>();
  const acquired = [...markers].flatMap(([path, { step, parts }]) =>
    step === acquireStep && own.has(path) ? [parts[0]] : [],
  );
  for (const part of acquired)
    for await (const batch of openPart(store, part).batches([])) for (const id of batch.keys) known.add(id);
  const denied = await deniedDocuments(store, manifest, acquired);
  for (const path of indexes) {
    const folder = path.slice(0, -'index.json'.length);
    if (!isTokenIndex(await readText(store, path))) continue;
    const tokens = await openTokens(folderOf(store, folder));
    for (const shard of tokens.index.shards) {
      const { ids } = await tokens.head(shard);
      for (let row = 0; row < shard.documents; row++) {
        const id = idAt(ids, row);
        const refusal = denied.get(id);
        if (known.has(id) && refusal === undefined) continue;
        const problem =
          refusal === undefined
            ? `document ${id} of it is not in the corpus`
            : `document ${id} of it may not be used: ${refusal}`;
        damages.push({ path: `${folder}${shard.file}`, problem, repairable: true });
        break;
      }
    }
    await tokens.close();
  }
}

function isTokenIndex(text: string | undefined): boolean {
  try {
    return text !== undefined && parseIndex(text) !== undefined;
  } catch {
    return false;
  }
}

/** A `tokens/<key>/` folder of a corpus as the token reader wants it. */
export function folderOf(store: Store, folder: string): TokenStore {
  return {
    location: `${store.location}/${folder}`,
    read: (path: string, offset?: number, length?: number) => store.read(folder + path, offset, length),
    stat: (path: string) => store.stat(folder + path),
  } as unknown as TokenStore;
}

/**
 * Removes damaged files and the markers that name them. The next run of the recipe computes them again.
 * @returns what only its origin can give again
 */
export function removeDamaged(store: Store): Promise<Damage[]> {
  // What is damaged is decided while nobody writes: a part that is half there may be that of a build at work.
  return underLease(store, 'being repaired', async () => remove(store, await checkCorpus(store)));
}

async function remove(store: Store, check: Check): Promise<Damage[]> {
  const broken = new Set(check.damages.filter(({ repairable }) => repairable).map(({ path }) => path));
  const lost = new Set<string>();
  const gone = new Set(broken);
  for (const [path, marker] of check.markers) {
    const names = [...marker.parts, ...marker.files, ...marker.replaced].map((file) => file.path);
    if (names.some((name) => broken.has(name))) gone.add(path);
  }
  await forgetBuilt(store);
  await addRepaired(store, await buildsThatName(store, check.builds, gone));
  for (const path of broken) {
    await store.remove(path);
    if (/^manifests\//.test(path)) lost.add(path.slice('manifests/'.length).replace(/\.json$/, ''));
  }
  for (const path of gone) if (!broken.has(path)) await store.remove(path);
  if (broken.has(indexFile) || lost.size > 0)
    await writeIndex(
      store,
      check.builds.filter((build) => !lost.has(build)),
    );
  return check.damages.filter(({ repairable }) => !repairable);
}

async function buildsThatName(
  store: Store,
  builds: readonly string[],
  paths: ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const build of builds) {
    const manifest = await checkManifest(store, build, []);
    if (manifest?.files.some(({ path }) => paths.has(path))) found.push(build);
  }
  return found;
}
