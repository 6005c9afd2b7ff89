// A thread that waits returns its memory to the system where the process needs much. V8 collects when a thread allocates,
// so one that has nothing to do would keep the garbage of its last job, some hundred megabytes, while others work.

import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Resident memory of the process up to which garbage is kept: returned at every wait, an update costs 12 % more CPU time. */
export const defaultResidentBytes = 1 << 30;

/** Less is not worth a collection, which takes .1 to .2 s. */
const worthBytes = 160 << 20;
/** From one collection to the next, since what is in use may be much. */
const betweenMs = 10_000;
const lookEveryMs = 500;
/** Share of the time since the last look that a thread may work and still count as waiting. */
const waitingBelow = 0.2;

/**
 * From now on, returns memory of this thread when it waits. @param residentBytes only where the process has as much
 * @returns ends that
 */
export function returnIdleMemory(residentBytes: number): () => void {
  let before = performance.eventLoopUtilization();
  let last = -Infinity;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > waitingBelow || performance.now() - last < betweenMs) return;
    if (process.memoryUsage.rss() < residentBytes || heldBytes() < worthBytes) return;
    collectAll();
    last = performance.now();
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

function heldBytes(): number {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;
let collect: Collect | undefined;

function collectAll(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  // Other collections keep the pages that they have emptied.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
