// Ranks: N processes build one corpus, each does the tasks whose number modulo N is its own, and waits for the
// others' markers. A rank that died leaves its tasks to whoever waits: two workers on one task are harmless.

import { setTimeout as wait } from 'node:timers/promises';
import { isRankAlive } from './lease.ts';
import type { BuildRun } from './build-run.ts';
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

/** Waits until all tasks of other ranks are done, doing those of dead ranks. */
export async function awaitOthers<T>(run: BuildRun, tasks: readonly T[], others: Others<T>): Promise<void> {
  const { ranks } = run.options;
  let waiting = [...tasks];
  for (let round = 0; waiting.length > 0; round++) {
    if (isStopRequested(run.meter)) throw stopped();
    const done = await Promise.all(waiting.map((task) => others.look(task)));
    waiting = waiting.filter((_, index) => !done[index]);
    const dead =
      waiting.length > 0 && round % 5 === 4
        ? await firstDead(
            run,
            waiting.map((task) => others.partition(task)),
          )
        : undefined;
    if (dead !== undefined)
      await others.compute(waiting.filter((task) => others.partition(task) % ranks! === dead));
    else if (waiting.length > 0) await wait(pollMs);
  }
}

async function firstDead(run: BuildRun, partitions: readonly number[]): Promise<number | undefined> {
  const { ranks } = run.options;
  for (const rank of new Set(partitions.map((partition) => partition % ranks!))) {
    if (!(await isRankAlive(run.store, rank, ranks!))) return rank;
  }
  return undefined;
}
