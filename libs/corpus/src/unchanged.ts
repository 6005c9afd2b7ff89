// The short way to "nothing changed": when recipe, lock, code, sources and tombstones are as the last build left them,
// no stage is loaded and no data file is opened. What it compares lies in log/ and may be lost at no loss.

import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRecord, DataError, hashJson, ownValue, sha256, type Json } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import { acquireCheck, lastAcquire } from './acquire-state.ts';
import type { BuildOutcome } from './build.ts';
import { noEffort, type Effort } from './building.ts';
import type { RunOptions } from './build-run.ts';
import { fileState } from './file-state.ts';
import { digestReadings, readHostReadings } from './host-readings.ts';
import { readBuildMarkers, readManifest, type Manifest } from './manifest.ts';
import { readPins, type Lock } from './pins.ts';
import { openRawFolder } from './raw-folder.ts';
import { moduleLocation, recordedRecipe, type LoadedRecipe } from './recipe.ts';
import { compareFiles, listSourceFiles, sourceRoot } from './source-files.ts';
import { sourceFolder, workspaceFolders } from './code-digests.ts';
import { packageFolder } from './stage-key.ts';
import { acquireStep } from './steps.ts';
import { readTombstones } from './tombstones.ts';
import { stateOfTrainingFiles } from './training-files.ts';

interface Built {
  readonly stamp: string;
  readonly build: string;
  readonly steps: BuildOutcome['steps'];
  readonly drift: readonly string[];
  readonly watched: Readonly<Record<string, string>>;
}

const builtFile = 'log/built.json';

/** Undefined when anything may have moved: then the build looks for itself. */
export async function findUnchanged(
  store: Store,
  loaded: LoadedRecipe,
  lock: Lock,
  options: RunOptions,
): Promise<BuildOutcome | undefined> {
  const { refresh, retrain, only, frozen, set, ranks } = options;
  if ([refresh, retrain, only, frozen, set, ranks].some((option) => option !== undefined && option !== false))
    return undefined;
  const kept = await readJson<{ check: string; built: Built }>(store, builtFile).catch(() => undefined);
  if (!kept || sha256(JSON.stringify(kept.built)) !== kept.check) return undefined;
  const { built } = kept;
  if (built.stamp !== (await makeStamp(store, loaded, lock))) return undefined;
  if (!(await filesStand(loaded.folder, built.watched))) return undefined;
  const manifest = await readManifest(store);
  if (manifest?.build !== built.build || (await sourcesMoved(store, loaded))) return undefined;
  if (!(await namedFilesStand(store, manifest)) || !(await pinsStand(lock))) return undefined;
  const { markers, lost } = await readBuildMarkers(store, manifest);
  if (lost.length > 0) return undefined;
  const effort = createRecord<Effort>();
  for (const step of [acquireStep, ...built.steps.map(({ name }) => name)]) effort[step] = noEffort();
  for (const marker of markers)
    if (marker.phase === undefined) effort[marker.step].reused += marker.parts[0].rows;
  return { manifest, isNew: false, steps: built.steps, markers, effort, drift: built.drift };
}

/** Called after a build: what the next run compares. */
export async function rememberBuilt(
  store: Store,
  loaded: LoadedRecipe,
  lock: Lock,
  outcome: BuildOutcome,
): Promise<void> {
  // A crawl that is not over goes on with the next run.
  if (!outcome.manifest || (outcome.waitsFor ?? []).length > 0) return forgetBuilt(store);
  const built: Built = {
    stamp: await makeStamp(store, loaded, lock),
    build: outcome.manifest.build,
    steps: outcome.steps.map(({ name, kind }) => ({ name, kind })),
    drift: outcome.drift,
    watched: outcome.watched ?? {},
  };
  await store.replace(builtFile, JSON.stringify({ check: sha256(JSON.stringify(built)), built }));
}

export function forgetBuilt(store: Store): Promise<void> {
  return store.remove(builtFile);
}

async function makeStamp(store: Store, { recipe, folder }: LoadedRecipe, lock: Lock): Promise<string> {
  const references = [
    ...recipe.steps,
    ...recipe.sources.flatMap((source) => source.import ?? source.crawl ?? []),
  ];
  const modules = [...new Set(references.map(({ module }) => moduleLocation(module, folder)))];
  return hashJson({
    recipe: recordedRecipe(recipe),
    pins: lock.pins as unknown as Json,
    versions: process.versions as Record<string, string>,
    tombstones: (await readTombstones(store)) as unknown as Json,
    hosts: digestReadings(await readHostReadings(store)),
    // A build that was killed after acquire has moved on from the sources of the newest build.
    acquired: await acquireCheck(store),
    code: codeStates(modules),
  } as Json);
}

/** States of every file of the code that a recipe runs, the engine's included, and of npm's own record. */
function codeStates(modules: readonly string[]): string[] {
  const folders = new Set<string>();
  const own = new Set<string>();
  const files: string[] = [];
  for (const module of [...modules, import.meta.url]) {
    const home = packageFolder(module);
    if (home !== undefined) for (const folder of workspaceFolders(home)) folders.add(sourceFolder(folder));
    if (module.startsWith('file:')) own.add(dirname(fileURLToPath(module)));
  }
  for (const folder of own) for (const file of codeBelow(folder)) files.push(stateOf(file));
  for (const folder of [...folders].sort()) {
    for (const entry of readFolder(folder)) files.push(stateOf(join(folder, entry)));
  }
  return [...files, npmRecord()];
}

/** Beside a recipe lie a project's packages, its data and its corpora too: none of these is looked into. */
function* codeBelow(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'corpus.json')) return;
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
      yield* codeBelow(path);
    else if (entry.isFile() && /\.(?:[cm]?[jt]s|wasm)$/.test(entry.name)) yield path;
  }
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}

const stateOf = (file: string) => `${file}:${fileState(statSync(file, { bigint: true }))}`;

/** node_modules/.package-lock.json changes with every installation. */
function npmRecord(): string {
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    try {
      return stateOf(join(folder, 'node_modules', '.package-lock.json'));
    } catch {
      // further up
    }
  }
  return '';
}

async function sourcesMoved(store: Store, { recipe, folder }: LoadedRecipe): Promise<boolean> {
  const known = (await lastAcquire(store))?.files;
  if (!known || Object.keys(known).length !== recipe.sources.length) return true;
  for (const source of recipe.sources) {
    const root = source.crawl ? (await openRawFolder(store, source.name)).path : sourceRoot(source, folder);
    const files = await listSourceFiles(root, source.files, source.name);
    const { changed, removed } = compareFiles(ownValue(known, source.name) ?? {}, files);
    if (changed.length + removed.length > 0) return true;
  }
  return false;
}

async function filesStand(folder: string, watched: Built['watched']): Promise<boolean> {
  const now = await stateOfTrainingFiles(folder, Object.keys(watched));
  return Object.entries(watched).every(([path, state]) => now[path] === state);
}

async function pinsStand(lock: Lock): Promise<boolean> {
  try {
    await readPins(lock, Object.keys(lock.pins));
    return true;
  } catch (error) {
    if (error instanceof DataError) return false;
    throw error;
  }
}

/** Files such as index.json have the length that the build gave them. */
async function namedFilesStand(store: Store, { current, files }: Manifest): Promise<boolean> {
  for (const [target, path] of Object.entries(current)) {
    const bytes = files.find((file) => file.path === path)?.bytes;
    if ((await store.stat(target))?.size !== bytes) return false;
  }
  return true;
}
