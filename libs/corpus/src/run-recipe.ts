// Runs a recipe on a corpus: opens what a build needs, holds the lease while it works, and closes everything.

import { availableParallelism } from 'node:os';
import { DataError } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { createPool } from '@gristmill/workers';
import { build, leaseName, type BuildOutcome } from './build.ts';
import type { BuildRun, RunOptions } from './build-run.ts';
import { takeLease } from './lease.ts';
import { readIndex } from './manifest.ts';
import { createMeterCells, readMeter, requestStop, resetMeter, stopped } from './meter.ts';
import { lockFileOf, readLock } from './pins.ts';
import { silentProgress, type Progress } from './progress.ts';
import { loadRecipe, type LoadedRecipe } from './recipe.ts';

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
  const loaded = await loadRecipe(request.recipe);
  await readIndex(request.store);
  await checkPartitions(request.store, loaded.recipe.partitions);
  const lock = await readLock(request.lock ?? lockFileOf(loaded.file));
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
  };
  const lease = await takeLease(request.store, {
    build: leaseName(run),
    rank: request.rank,
    ranks: request.ranks,
  });
  try {
    if (request.ranks === undefined) await request.store.removeTemporaries();
    return { ...(await build(run)), recipe: loaded };
  } catch (error) {
    throw signal.aborted ? stopped() : error;
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.close();
    await lease.release();
  }
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
  const standing = JSON.parse(new TextDecoder().decode(await store.read(corpusFile))) as {
    partitions: number;
  };
  if (standing.partitions === partitions) return;
  throw new DataError(
    'other-partitions',
    `${store.location} has ${standing.partitions} partitions and the recipe says ${partitions}`,
    'put the number back, or build into another folder',
  );
}
