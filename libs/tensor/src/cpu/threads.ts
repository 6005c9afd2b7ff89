// The threads of a cpu executor, seen from the thread that owns it: programs and runs go out as messages, and a run is
// over when the last of its tasks is. This thread does no work itself, so its event loop stays free.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Addresses } from './phases.ts';
import type { Plan } from './plan.ts';
import type { ThreadData, ThreadMessage, ThreadReply } from './thread.worker.ts';
import { controlBlocks, createControls, resetControl } from './tickets.ts';
import type { SharedMemory } from './wasm.ts';

export interface Threads {
  readonly count: number;
  link(executable: number, plan: Plan, donate: Readonly<Record<string, string>>): void;
  forget(executable: number): void;
  /** Runs a program; runs follow each other. `scratch` has one address a thread. */
  run(executable: number, addresses: Omit<Addresses, 'scratch'>, scratch: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

interface Run {
  readonly number: number;
  /** What a task threw; the run ends when every thread has left it, since others may be in the middle of theirs. */
  error?: Error;
  finish(error?: Error): void;
}

export async function startThreads(memory: SharedMemory, count: number): Promise<Threads> {
  const controls = createControls();
  const workers = await Promise.all(
    Array.from({ length: count }, () => startWorker({ controls, memory, threads: count })),
  );
  const seen = new Array<number>(count).fill(-1); // the last run that each thread has left
  let next = 0;
  let current: Run | undefined;
  let waiting: (() => void) | undefined;
  let failure: Error | undefined; // of a thread as a whole; that of a run ends the run alone
  const stop = (error: Error) => {
    failure ??= error;
    current?.finish(failure);
    waiting?.();
  };
  workers.forEach((worker, i) => {
    worker.on('message', ({ run, isLast, error }: ThreadReply) => {
      seen[i] = run;
      waiting?.();
      if (current?.number !== run) return;
      if (error !== undefined) current.error = new Error(`the cpu executor failed: ${error}`);
      if (isLast) current.finish();
      else if (current.error && seen.every((last) => last >= run)) current.finish(current.error);
    });
    worker.on('error', (error: Error) => stop(error));
    worker.on('exit', () => stop(new Error('a thread of the cpu executor ended')));
  });
  const tell = (message: ThreadMessage) => workers.forEach((worker) => worker.postMessage(message));

  /** A control block is used again when every thread has left the run that used it before. */
  async function freeControl(run: number): Promise<Int32Array> {
    while (!failure && Math.min(...seen) < run - controlBlocks)
      await new Promise<void>((resolve) => (waiting = resolve));
    const block = controls[run % controlBlocks];
    resetControl(block);
    return block;
  }

  async function run(executable: number, addresses: Omit<Addresses, 'scratch'>, scratch: readonly number[]) {
    if (failure) throw failure;
    const number = next++;
    workers.forEach((worker) => worker.ref()); // before anything is waited for: nothing else may keep the process alive
    try {
      await freeControl(number);
      if (failure) throw failure as Error;
      await new Promise<void>((resolve, reject) => {
        current = { number, finish: (error) => (error ? reject(error) : resolve()) };
        workers.forEach((worker, i) =>
          worker.postMessage({
            run: number,
            executable,
            addresses: { ...addresses, scratch: scratch[i] },
          } satisfies ThreadMessage),
        );
      });
    } finally {
      current = undefined;
      workers.forEach((worker) => worker.unref());
    }
  }

  return {
    count,
    link: (executable, plan, donate) => tell({ link: executable, plan, donate }),
    forget: (executable) => tell({ forget: executable }),
    run,
    async close() {
      failure ??= new TypeError('the cpu executor is closed');
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

async function startWorker(data: ThreadData): Promise<Worker> {
  const worker = new Worker(new URL('./thread.worker.ts', import.meta.url), { workerData: data });
  await once(worker, 'message');
  worker.unref();
  return worker;
}
