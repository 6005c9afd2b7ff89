// Runs a recipe on a corpus: opens what a build needs, holds the lease while it works, and closes everything.

import { availableParallelism } from 'node:os';
import { DataError } from '@gristmill/core';
import { leaseLost, readJson, type Store } from '@gristmill/storage';
import { createPool } from '@gristmill/workers';
import { build, leaseName, type BuildOutcome } from './build.ts';
import type { BuildRun, RunOptions } from './build-run.ts';
import { checkVersion } from './format-version.ts';
import { placeRecipe, rememberRun, type MadeRecipe } from './last-run.ts';
import { takeLease } from './lease.ts';
import { readIndex } from './manifest.ts';
import { createMeterCells, readMeter, requestStop, resetMeter, stopped } from './meter.ts';
import { lockFileOf, readLock } from './pins.ts';
import { silentProgress, type Progress } from './progress.ts';
import { checkOwner } from './recipe-owner.ts';
import { changeOptions, loadRecipe, type LoadedRecipe } from './recipe.ts';
import { findUnchanged, rememberBuilt } from './unchanged.ts';

export interface RunRequest extends RunOptions {
  /** Path of the recipe; or one that is no file, which the corpus then keeps. */
  readonly recipe: string | MadeRecipe;
  readonly store: Store;
  /** Default: beside the recipe. */
  readonly lock?: string;
  /** Take over a corpus that holds builds of a recipe with another name. */
  readonly adopt?: boolean;
  /** Threads; 0 = this one. Default: one a core. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

export interface RunOutcome extends BuildOutcome {
  readonly recipe: LoadedRecipe;
}

export async function runRecipe(request: RunRequest): Promise<RunOutcome> {
  checkRanks(request);
  const loaded = await loadChanged(request);
  await readIndex(request.store);
  if (!request.adopt) await checkOwner(request.store, loaded.recipe.name);
  await checkPartitions(request.store, loaded.recipe.partitions);
  const lock = await readLock(request.lock ?? lockFileOf(loaded.file));
  const remember = { lock: lock.file, isMade: typeof request.recipe !== 'string' };
  const unchanged = await findUnchanged(request.store, loaded, lock, request);
  if (unchanged) {
    await rememberRun(request.store, loaded, remember);
    return { ...unchanged, recipe: loaded };
  }
  const pool = createPool(request.workers ?? availableParallelism());
  const meter = createMeterCells();
  const signal = request.signal ?? new AbortController().signal;
  const stop = () => requestStop(meter);
  signal.addEventListener('abort', stop);
  const progress = request.progress ?? silentProgress;
  progress.watch?.(
    () => readMeter(meter),
    () => resetMeter(meter),
  );
  let isLost = false;
  const onLost = () => {
    isLost = true;
    stop();
  };
  const { rank, ranks } = request;
  const lease = await takeLease(request.store, {
    build: leaseName({ recipe: loaded.recipe, options: request }),
    rank,
    ranks,
    onLost,
  }).catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const run: BuildRun = {
    store: request.store,
    recipe: loaded.recipe,
    folder: loaded.folder,
    lock,
    pool,
    meter,
    signal,
    progress,
    options: request,
    lease,
    absent: new Set(),
  };
  try {
    if (request.ranks === undefined) await request.store.removeTemporaries();
    // Another process may have built here since.
    if (!request.adopt) await checkOwner(request.store, loaded.recipe.name);
    const outcome = await build(run);
    await rememberBuilt(request.store, loaded, run.lock, outcome);
    if (outcome.manifest) await rememberRun(request.store, loaded, remember);
    return { ...outcome, recipe: loaded };
  } catch (error) {
    if (isLost) throw leaseLost(request.store);
    throw signal.aborted ? stopped() : error;
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.close();
    await lease.release();
  }
}

async function loadChanged({ recipe, set, store }: RunRequest): Promise<LoadedRecipe> {
  const loaded = typeof recipe === 'string' ? await loadRecipe(recipe) : placeRecipe(store, recipe);
  return set ? { ...loaded, recipe: changeOptions(loaded.recipe, set) } : loaded;
}

function checkRanks({ rank, ranks }: RunOptions): void {
  if (rank === undefined && ranks === undefined) return;
  const isRight = Number.isInteger(rank) && Number.isInteger(ranks) && rank! >= 0 && rank! < ranks!;
  if (!isRight)
    throw new DataError(
      'wrong-rank',
      `rank ${rank} of ${ranks} is none`,
      'give --rank R --of N with R from 0 to N - 1',
    );
}

const corpusFile = 'corpus.json';

/** `corpus.json` fixes the partition count: parts of another count would never be found again. */
async function checkPartitions(store: Store, partitions: number): Promise<void> {
  const text = `${JSON.stringify({ format: 'gristmill-corpus', version: 1, partitions })}\n`;
  if (await store.create(corpusFile, text)) return;
  const standing = (await readJson<{ version: number; partitions: number }>(store, corpusFile))!;
  checkVersion(store.location, standing.version);
  if (standing.partitions === partitions) return;
  throw new DataError(
    'other-partitions',
    `${store.location} has ${standing.partitions} partitions and the recipe says ${partitions}`,
    'put the number back, or build into another folder',
  );
}
