// The one worker file: imports the job that it is given by name, moves large buffers back, and returns memory while it waits.

import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { returnIdleMemory } from './idle-memory.ts';
import { jobFunction, movableBuffers, packError, type ThrownError } from './run-job.ts';
import type { Job } from './worker-pool.ts';

export interface JobCall {
  readonly job: Job;
  readonly input: unknown;
}
export type JobAnswer = { readonly output: unknown } | { readonly thrown: ThrownError };

/** What each thread is started with. */
export interface ThreadData {
  readonly residentBytes: number;
}

returnIdleMemory((workerData as ThreadData).residentBytes);

export default async function runJob({ job, input }: JobCall): Promise<JobAnswer> {
  try {
    const output = await (await jobFunction(job))(input);
    const answer = { output };
    const buffers = [...new Set(movableBuffers(output))];
    if (buffers.length === 0) return answer;
    return move(movable(answer, buffers) as never) as unknown as JobAnswer;
  } catch (error) {
    return { thrown: packError(error) };
  }
}

/** Piscina's protocol for "clone this value, move these buffers". */
function movable(value: unknown, buffers: ArrayBuffer[]): object {
  return {
    get [transferableSymbol]() {
      return buffers;
    },
    get [valueSymbol]() {
      return value;
    },
  };
}
