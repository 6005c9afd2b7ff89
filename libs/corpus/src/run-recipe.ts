// Runs a recipe on a corpus: opens what a build needs, holds the lease while it works, and closes everything.

import { availableParallelism } from 'node:os';
import { DataError } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import { createPool } from '@gristmill/workers';
import { build, leaseName, type BuildOutcome } from './build.ts';
import type { BuildRun, RunOptions } from './build-run.ts';
import { checkVersion } from './format-version.ts';
import { takeLease } from './lease.ts';
import { readIndex } from './manifest.ts';
import { createMeterCells, readMeter, requestStop, resetMeter, stopped } from './meter.ts';
import { lockFileOf, readLock } from './pins.ts';
import { silentProgress, type Progress } from './progress.ts';
import { findUnchanged, rememberBuilt } from './unchanged.ts';
import { changeOptions, loadRecipe, type LoadedRecipe } from './recipe.ts';

export interface RunRequest extends RunOptions {
  /** Path of the recipe. */
  readonly recipe: string;
  readonly store: Store;
  /** Default: beside the recipe. */
  readonly lock?: string;
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
  await checkPartitions(request.store, loaded.recipe.partitions);
  const lock = await readLock(request.lock ?? lockFileOf(loaded.file));
  const unchanged = await findUnchanged(request.store, loaded, lock, request);
  if (unchanged) return { ...unchanged, recipe: loaded };
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
    await rememberRun(request.store, { recipe: loaded.file, lock: run.lock.file });
    const outcome = await build(run);
    await rememberBuilt(request.store, loaded, run.lock, outcome);
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

function leaseLost({ location }: Store): DataError {
  return new DataError(
    'lease-lost',
    `another process took over ${location}, because this one did not answer for long`,
    'see that one process builds it, then run again: what is done is kept',
  );
}

/** log/run.json: by what recipe the corpus was last run, for commands that are given the corpus alone. */
export interface LastRun {
  readonly recipe: string;
  readonly lock: string;
}

const lastRunFile = 'log/run.json';

async function rememberRun(store: Store, run: LastRun): Promise<void> {
  const standing = await lastRun(store);
  if (standing?.recipe !== run.recipe || standing.lock !== run.lock)
    await store.replace(lastRunFile, JSON.stringify(run));
}

export function lastRun(store: Store): Promise<LastRun | undefined> {
  return readJson<LastRun>(store, lastRunFile).catch(() => undefined);
}

/** DataError when it is not known which recipe built the corpus. */
export async function requireLastRun(store: Store): Promise<LastRun> {
  const run = await lastRun(store);
  if (run) return run;
  throw new DataError(
    'recipe-unknown',
    `it is not recorded by which recipe ${store.location} was built`,
    'run `gristmill run RECIPE.ts --corpus DIR` once',
  );
}

async function loadChanged({ recipe, set }: RunRequest): Promise<LoadedRecipe> {
  const loaded = await loadRecipe(recipe);
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
