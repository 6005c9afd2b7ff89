// What a stage may ask of threads: map batches through a function named by module, in order, bounded.
// The function is ordinary code, tested without threads; it knows nothing of the thread that it runs on.

import type { JsonObject } from '@gristmill/core';

/**
 * Names a factory `(options) => (input) => output | Promise<output>` exported by a module. The factory runs once a
 * thread and job. `module` is a bare specifier or a file: URL, since the worker imports it from elsewhere.
 */
export interface Job {
  readonly module: string;
  readonly export: string;
  readonly options?: JsonObject;
}

/** What a job's module exports. */
export type JobFactory<Input, Output, Options = JsonObject> = (
  options: Options,
) => JobFunction<Input, Output> | Promise<JobFunction<Input, Output>>;
export type JobFunction<Input, Output> = (input: Input) => Output | Promise<Output>;

export interface WorkerPool {
  /** 0 = everything runs in this thread. */
  readonly threads: number;
  /** One input. A signal ends it with its thread; in this thread it ends nothing. */
  run<Input, Output>(job: Job, input: Input, signal?: AbortSignal): Promise<Output>;
  /**
   * Outputs in the order of the inputs; at most `running` inputs are worked on, and at most `inFlight` of them are or
   * wait to be taken (both by default 2 × threads). Typed arrays of at least 64 KiB that own their buffer are moved, not
   * copied, both ways: an input's are empty afterwards. The first error ends the iteration at once: what waits is not
   * begun, what runs is ended with its thread.
   */
  map<Input, Output>(
    job: Job,
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options?: { inFlight?: number; running?: number },
  ): AsyncGenerator<Output>;
  close(): Promise<void>;
}

/** A batch of strings as one buffer, so that hundreds of texts cross a thread border as one moved block. */
export interface StringBatch {
  /** UTF-8 (or, where a string has a lone surrogate, UTF-16LE: `wide`), one after the other. */
  readonly bytes: Uint8Array;
  /** strings + 1 byte offsets. */
  readonly offsets: Uint32Array;
  readonly wide: boolean;
}
