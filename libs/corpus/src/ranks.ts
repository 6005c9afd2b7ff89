// Ranks: N processes build one corpus, each does the tasks whose number modulo N is its own, and waits for the
// others' markers. A rank that died leaves its tasks to whoever waits: two workers on one task are harmless.

import { setTimeout as wait } from 'node:timers/promises';
import { DataError } from '@gristmill/core';
import { inBatches } from './building.ts';
import type { BuildRun } from './build-run.ts';
import { rankState } from './lease.ts';
import { isStopRequested, stopped } from './meter.ts';

export function isOwn(run: BuildRun, task: number): boolean {
  const { rank, ranks } = run.options;
  return ranks === undefined || task % ranks === rank;
}

interface Others<T> {
  partition(task: T): number;
  /** True when its marker stands. */
  look(task: T): Promise<boolean>;
  compute(tasks: readonly T[]): Promise<void>;
}

const pollMs = 200;
/** Polls between two looks at who is alive. */
const pollsToLook = 5;

/** Waits until all tasks of other ranks are done, doing those of dead ranks. */
export async function awaitOthers<T>(run: BuildRun, tasks: readonly T[], others: Others<T>): Promise<void> {
  let waiting = [...tasks];
  // Who was absent at the last barrier is looked for at once.
  let polls = run.absent.size > 0 ? pollsToLook : 0;
  for (; waiting.length > 0; polls++) {
    if (isStopRequested(run.meter)) throw stopped();
    const done = await inBatches(waiting, (task) => others.look(task));
    waiting = waiting.filter((_, index) => !done[index]);
    const orphans = polls >= pollsToLook ? await orphansOf(run, waiting, others) : [];
    if (orphans.length > 0) await others.compute(shareOf(run, orphans));
    else if (waiting.length > 0) await wait(pollMs);
    if (polls >= pollsToLook && orphans.length === 0) polls = 0;
  }
}

/** The tasks of the first rank that does not live. @throws DataError when a living one builds something else */
async function orphansOf<T>(run: BuildRun, tasks: readonly T[], others: Others<T>): Promise<readonly T[]> {
  const { ranks } = run.options;
  for (const [rank, own] of Map.groupBy(tasks, (task) => others.partition(task) % ranks!)) {
    const { isAlive, found } = await rankState(run.store, rank, ranks!);
    if (!isAlive) {
      run.absent.add(rank);
      return own;
    }
    run.absent.delete(rank);
    if (found !== undefined && run.found !== undefined && !isSame(found, run.found)) throw otherSources(rank);
  }
  return [];
}

/** Who has come further tells more, at the end. */
const isSame = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

/** A few of them, beginning at a place of each rank's own, so that several do not all do the same. */
function shareOf<T>(run: BuildRun, tasks: readonly T[]): readonly T[] {
  const { rank, ranks } = run.options;
  const start = Math.floor((tasks.length * rank!) / ranks!);
  return [...tasks.slice(start), ...tasks.slice(0, start)].slice(0, Math.max(1, run.pool.threads));
}

function otherSources(rank: number): DataError {
  return new DataError(
    'ranks-differ',
    `rank ${rank} found other files or other texts in the sources than this rank`,
    'let every rank see the same files, and start the ranks again: what is done is kept',
  );
}
