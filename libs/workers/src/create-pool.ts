// Pools: threads through piscina, or this thread for `threads: 0` and for tests. Both keep the order of the inputs.

import type { Piscina } from 'piscina';
import { defaultResidentBytes, returnIdleMemory } from './idle-memory.ts';
import { jobFunction, movableBuffers, unpackError } from './run-job.ts';
import { mapInOrder } from './map-in-order.ts';
import type { JobAnswer, JobCall, ThreadData } from './job.worker.ts';
import type { Job, WorkerPool } from './worker-pool.ts';

export interface PoolOptions {
  /** Resident memory of the process, in bytes, from which on its threads return theirs while they wait; default 1 GiB. */
  readonly residentBytes?: number;
}

/**
 * @param threads 0 = this thread; piscina is only loaded for more, and threads only start with the first job. This thread
 * returns memory too while it waits for them.
 */
export function createPool(threads: number, options: PoolOptions = {}): WorkerPool {
  if (threads === 0) return createInlinePool();
  return createThreadPool(threads, options.residentBytes ?? defaultResidentBytes);
}

function createInlinePool(): WorkerPool {
  const run = async <Input, Output>(job: Job, input: Input) =>
    (await (
      await jobFunction(job)
    )(input)) as Output;
  return {
    threads: 0,
    run,
    async *map<Input, Output>(job: Job, inputs: Iterable<Input> | AsyncIterable<Input>) {
      for await (const input of inputs) yield await run<Input, Output>(job, input);
    },
    async close() {},
  };
}

function createThreadPool(threads: number, residentBytes: number): WorkerPool {
  const endReturning = returnIdleMemory(residentBytes);
  let opening: Promise<Piscina> | undefined;
  const run = async <Input, Output>(job: Job, input: Input, signal?: AbortSignal) => {
    opening ??= openThreads(threads, { residentBytes });
    const pool = await opening;
    const call: JobCall = { job, input };
    const transferList = [...new Set(movableBuffers(input))];
    const answer = (await pool.run(call, { transferList, signal })) as JobAnswer;
    if ('thrown' in answer) throw unpackError(answer.thrown);
    return answer.output as Output;
  };
  return {
    threads,
    run,
    map: (job, inputs, { inFlight = 2 * threads, running = 2 * threads } = {}) =>
      mapInOrder(inputs, (input, signal) => run(job, input, signal), { inFlight, running }),
    async close() {
      endReturning();
      // Threads hold no state that outlives a job: files appear only whole.
      await (await opening)?.destroy();
    },
  };
}

async function openThreads(threads: number, workerData: ThreadData) {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: new URL('./job.worker.ts', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    workerData,
    // Jobs do I/O of their own: a thread must not sleep in Atomics.wait while that is pending.
    atomics: 'disabled',
  });
  // A thread may answer its next job while this one still hears of the former answer: when that ends the next job, piscina
  // finds an answer to no job. Whatever else it reports, such as an error behind an answer, ends the process.
  pool.on('error', (error: Error) => {
    if (!error.message.startsWith('Unexpected message from Worker')) throw error;
  });
  return pool;
}
