// A thread that waits returns its memory to the system. V8 collects when a thread allocates, so one that has nothing to
// do would keep the garbage of its last job, some hundred megabytes, while another thread needs them.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Less is not worth a collection, which takes .1 to .2 s; nor is one soon after another. */
const worthBytes = 160 << 20;
const everyMs = 10_000;
/** Jobs that follow each other closely are not held up. */
const afterMs = 300;

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;
let collect: Collect | undefined;
let lastTime = -Infinity;

/** Collects all garbage of this thread and gives the pages back, if there may be much. */
export function returnMemory(): void {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics();
  if (heap + external < worthBytes || performance.now() - lastTime < everyMs) return;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  // Other collections keep the pages that they have emptied.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  lastTime = performance.now();
}

let jobs = 0;
let timer: NodeJS.Timeout | undefined;

/** Runs a job of this thread; once none has run for a while, memory is returned. */
export async function asJob<Output>(run: () => Promise<Output>): Promise<Output> {
  jobs++;
  clearTimeout(timer);
  try {
    return await run();
  } finally {
    if (--jobs === 0) timer = setTimeout(returnMemory, afterMs).unref();
  }
}
