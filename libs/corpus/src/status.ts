// What is built, stale or missing, and why: the newest build against its recipe, its sources and its files.

import { stat } from 'node:fs/promises';
import { DataError, hashJson, ownValue, type Json } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { lastAcquire } from './acquire-state.ts';
import { inBatches } from './building.ts';
import { digestReadings, movedHosts, readHostReadings } from './host-readings.ts';
import { lastRun } from './last-run.ts';
import { requireCorpus } from './require-corpus.ts';
import { readBuildMarkers, readIndex, readManifest, type Manifest } from './manifest.ts';
import { readLock } from './pins.ts';
import { loadRecipe, recordedRecipe, type LoadedRecipe, type ResolvedRecipe } from './recipe.ts';
import { compareFiles, listSourceFiles, sourceRoot } from './source-files.ts';
import { acquireStep } from './steps.ts';

export interface StepStatus {
  readonly step: string;
  readonly state: 'built' | 'stale' | 'missing';
  readonly why?: string;
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface CorpusStatus {
  readonly location: string;
  readonly recipe?: string;
  /** Newest last. */
  readonly builds: readonly string[];
  readonly steps: readonly StepStatus[];
  /** Sentences about the recipe, the lock and the sources. */
  readonly notes: readonly string[];
}

export async function corpusStatus(store: Store): Promise<CorpusStatus> {
  const { builds } = await readIndex(store);
  const manifest = await readManifest(store);
  const run = await lastRun(store);
  if (!manifest) await requireCorpus(store);
  if (!manifest)
    return {
      location: store.location,
      recipe: run?.recipe,
      builds,
      steps: [],
      notes: ['nothing is built yet'],
    };
  const { markers, lost } = await readBuildMarkers(store, manifest);
  const sizes = new Map(
    (await inBatches(manifest.files, async ({ path }) => store.stat(path))).flatMap((file) =>
      file ? [[file.path, file.size] as const] : [],
    ),
  );
  const notes: string[] = [];
  const stale = await staleSteps(store, manifest, run, notes);
  const missing = manifest.files
    .filter(({ path, bytes }) => sizes.get(path) !== bytes)
    .map(({ path }) => path);
  const names = [...new Set([...markers.map(({ step }) => step), ...lost.map((path) => path.split('/')[0])])];
  const place = placeOfSteps(manifest.recipe as unknown as ResolvedRecipe);
  names.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const steps = names.map((step): StepStatus => {
    const parts = markers.filter((marker) => marker.step === step).flatMap((marker) => marker.parts);
    const gone = missing.filter((path) => path.startsWith(`${step}/`));
    const why = gone.length > 0 ? `${gone.length} files are missing or cut short` : stale(step);
    return {
      step,
      state: gone.length > 0 ? 'missing' : why === undefined ? 'built' : 'stale',
      why,
      parts: parts.length,
      rows: parts.reduce((sum, { rows }) => sum + rows, 0),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
  return { location: store.location, recipe: run?.recipe, builds, steps, notes };
}

type StaleTest = (step: string) => string | undefined;

/** A step is stale when its options changed, or anything before it is stale. */
async function staleSteps(
  store: Store,
  manifest: Manifest,
  run: { recipe: string; lock: string } | undefined,
  notes: string[],
): Promise<StaleTest> {
  if (!run || !(await stat(run.recipe).catch(() => undefined))) {
    notes.push('the recipe is not where it was at the last run, so nothing is known of its changes');
    return () => undefined;
  }
  const loaded = await loadRecipe(run.recipe);
  const { recipe } = loaded;
  const built = manifest.recipe as unknown as ResolvedRecipe;
  const reasons: (readonly [prefix: string, why: string])[] = [];
  const moved = await movedSources(store, manifest, loaded, notes);
  if (moved !== undefined) reasons.push([acquireStep, moved]);
  recipe.steps.forEach((step, index) => {
    const before = built.steps[index];
    const same = before !== undefined && hashJson(step as Json) === hashJson(before as Json);
    if (!same)
      reasons.push([
        step.stage,
        before?.stage === step.stage ? 'its entry in the recipe changed' : 'the steps of the recipe changed',
      ]);
  });
  await comparePins(run.lock, notes);
  const isSame = hashJson(recordedRecipe(recipe)) === hashJson(built as unknown as Json);
  if (!isSame) notes.push('the recipe changed since the newest build');
  const place = placeOfSteps(recipe);
  return (step) => {
    const own = reasons.find(([stage]) => place(stage) === place(step));
    if (own) return own[1];
    const earlier = reasons.find(([stage]) => place(stage) < place(step));
    return earlier && `${earlier[0]}, which it depends on, is stale`;
  };
}

/** Where a step, or a stage, stands in the recipe. Those of dedup that are not named after it are beside it. */
function placeOfSteps({ steps }: ResolvedRecipe): (step: string) => number {
  const order = [acquireStep, ...steps.map((step) => step.stage as string)];
  return (step) => {
    const place = order.findIndex((stage) => step === stage || step.startsWith(`${stage}-`));
    return place < 0 ? order.indexOf('dedup') : place;
  };
}

async function movedSources(
  store: Store,
  manifest: Manifest,
  { recipe, folder }: LoadedRecipe,
  notes: string[],
): Promise<string | undefined> {
  const known = await lastAcquire(store);
  if (!known) return 'it is not recorded what the sources were';
  const built = new Set(manifest.files.map(({ path }) => path));
  if (!known.markers.every((path) => built.has(path)))
    return 'a later run took in other documents and came to no build';
  const sentences: string[] = [];
  const asked = movedHosts(known.hosts, digestReadings(await readHostReadings(store)));
  if (asked.length > 0) sentences.push(`${asked.length} hosts were asked again what may be used`);
  for (const source of recipe.sources.filter((entry) => entry.import)) {
    try {
      const files = await listSourceFiles(sourceRoot(source, folder), source.files, source.name);
      const { changed, removed } = compareFiles(ownValue(known.files, source.name) ?? {}, files);
      if (changed.length + removed.length > 0)
        sentences.push(`${source.name}: ${changed.length} files new or changed, ${removed.length} gone`);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      notes.push(error.message);
    }
  }
  return sentences.length > 0 ? sentences.join('; ') : undefined;
}

async function comparePins(lock: string, notes: string[]): Promise<void> {
  try {
    const { pins } = await readLock(lock);
    for (const [name, pin] of Object.entries(pins))
      notes.push(`${name} is pinned: ${pin.sha256.slice(0, 12)}`);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    notes.push(error.message);
  }
}
