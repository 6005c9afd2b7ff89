// Jobs for the tests of the pool: imported by name in the threads.
import { getHeapStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';
import type { JobFactory } from '@gristmill/workers';
import { DataError } from '@gristmill/core';

export const scale: JobFactory<Float64Array, { values: Float64Array; thread: number }> =
  (options) => (input) => {
    const factor = options.factor as number;
    return { values: input.map((value) => value * factor), thread: threadId };
  };

/** Later inputs are done sooner. */
export const slowFirst: JobFactory<number, number> = () => (input) => {
  let sum = 0;
  for (let i = 0; i < (20 - input) * 200_000; i++) sum += i % 7;
  return input + (sum < 0 ? 1 : 0);
};

export const failing: JobFactory<number, number> = () => (input) => {
  if (input === 3) throw new DataError('three', 'the third fails', 'use another');
  return input;
};

export const endlessOrFailing: JobFactory<string, string> = () => (input) => {
  if (input === 'failing') throw new DataError('fails', 'it fails', 'use another');
  for (; input === 'endless';);
  return input;
};

/** Leaves so many objects as garbage. Outputs how many bytes the thread's heap holds, garbage included. */
export const waste: JobFactory<number, number> = () => (count) => {
  const objects = Array.from({ length: count }, (_, i) => ({ i, next: [i] }));
  return objects.length === count ? getHeapStatistics().total_heap_size : 0;
};

/** Words of shared memory by which a job and the thread that gave it tell each other how far they are. */
export const mayAnswer = 0;
export const answered = 1;

/** Answers when it is told to, and tells once its answer has been sent; with `null` it answers at once. */
export const answerWhenTold: JobFactory<Int32Array | null, string> = () => (words) => {
  if (words === null) return 'first';
  Atomics.wait(words, mayAnswer, 0);
  // Runs when what follows the return is over: piscina has posted the answer by then.
  setImmediate(() => signal(words, answered));
  return 'too late';
};

/** Fails when its answer has been sent, so no job is left that could bear the error. */
export const failAfterAnswer: JobFactory<null, string> = () => () => {
  setTimeout(() => {
    throw new Error('a fault of the thread');
  }, 10);
  return 'done';
};

export function signal(words: Int32Array, word: number): void {
  Atomics.store(words, word, 1);
  Atomics.notify(words, word);
}
