// Finds a job's function by module name and runs it: the same code in this thread and in a worker.

import { DataError } from '@gristmill/core';
import { allowOwnModules } from './own-modules.ts';
import type { Job, JobFactory, JobFunction } from './worker-pool.ts';

const functions = new Map<string, Promise<JobFunction<unknown, unknown>>>();

/** The job's function; made once a thread for equal module, export and options. */
export function jobFunction(job: Job): Promise<JobFunction<unknown, unknown>> {
  const name = JSON.stringify([job.module, job.export, job.options ?? {}]);
  let found = functions.get(name);
  if (!found) {
    if (functions.size >= 64) functions.clear();
    found = makeFunction(job);
    functions.set(name, found);
    found.catch(() => functions.delete(name));
  }
  return found;
}

async function makeFunction(job: Job): Promise<JobFunction<unknown, unknown>> {
  allowOwnModules();
  const module = (await import(job.module)) as Record<string, JobFactory<unknown, unknown> | undefined>;
  const factory = module[job.export];
  if (typeof factory !== 'function') {
    throw new DataError('unknown-job', `${job.module} exports no function ${job.export}`, 'check the name');
  }
  return factory(job.options ?? {});
}

const transferFrom = 64 * 1024;

/** Buffers worth moving: those of typed arrays of at least 64 KiB that own all of their buffer, at most two levels down. */
export function movableBuffers(value: unknown, depth = 2): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const owns = value.byteLength >= transferFrom && value.byteLength === value.buffer.byteLength;
    return owns && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  }
  if (depth === 0 || value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((member: unknown) => movableBuffers(member, depth - 1));
}

/** An error as it crosses a thread border, where classes are lost. */
export interface ThrownError {
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly hint?: string;
}

export function packError(error: unknown): ThrownError {
  if (error instanceof DataError) return { message: error.message, code: error.code, hint: error.hint };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}

export function unpackError(thrown: ThrownError): Error {
  if (thrown.code !== undefined) return new DataError(thrown.code, thrown.message, thrown.hint ?? '');
  const error = new Error(thrown.message);
  if (thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}
