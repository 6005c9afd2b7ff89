// The WebAssembly loop of BPE merges: assembly/merge-kernel.ts finds and merges the most frequent pair; what a merge is
// called is decided here. Reference: mergePairs in merge-pairs-reference.ts.

import { DataError } from '@gristmill/core';
import { loadWasm, reserveMemory, type WasmMemory } from '../load-wasm.ts';
import type { CountedWords } from './counted-words.ts';

interface Kernel {
  readonly memory: WasmMemory;
  byteIds(): number;
  freeMemory(): number;
  prepare(tokens: number, minFrequency: number): void;
  addWords(from: number, end: number): number;
  addSpelled(from: number, end: number): void;
  findBest(): number;
  bestLeft(): number;
  bestRight(): number;
  mergeBest(merged: number): void;
  build(): void;
}

export interface MergeTask {
  /** More than any id. */
  readonly vocabSize: number;
  readonly minFrequency: number;
  /** The token that a pair merges to, `isNew` unless it had an id before; undefined: enough. */
  readonly name: (left: number, right: number) => { id: number; isNew: boolean } | undefined;
}

/**
 * Merges pairs of the bytes of words, the most frequent first, until none is left or `name` says enough.
 * @param byteIds id of each byte
 */
export function mergeByKernel(words: CountedWords, byteIds: Int32Array, task: MergeTask): void {
  runKernel(task, (kernel) => {
    new Int32Array(kernel.memory.buffer, kernel.byteIds(), 256).set(byteIds);
    return () => addWords(kernel, words);
  });
}

/** A word as ids, of which at least two make a pair. */
export interface SpelledWord {
  readonly ids: readonly number[];
  readonly count: number;
}

/** The same of words that are spelled otherwise than by bytes. */
export function mergeSpelled(words: Iterable<SpelledWord>, task: MergeTask): void {
  runKernel(task, (kernel) => () => {
    let part = new Uint32Array(chunk);
    let size = 0;
    const flush = (): void => {
      const at = (kernel.freeMemory() + 7) & ~7;
      new Uint32Array(reserveMemory(kernel.memory, at + 4 * size), at, size).set(part.subarray(0, size));
      kernel.addSpelled(at, at + 4 * size);
      size = 0;
    };
    for (const { ids, count } of words) {
      if (ids.length < 2) continue;
      if (size + 4 + ids.length > part.length) flush();
      if (4 + ids.length > part.length) part = new Uint32Array(4 + ids.length);
      part.set([count >>> 0, Math.floor(count / 2 ** 32), ids.length, 0], size);
      part.set(ids, size + 4);
      size += 4 + ids.length;
    }
    flush();
  });
}

/** @param open sets the kernel up; what it returns adds the words */
function runKernel({ vocabSize, minFrequency, name }: MergeTask, open: (kernel: Kernel) => () => void): void {
  try {
    const kernel = loadWasm<Kernel>('merge-kernel');
    const add = open(kernel);
    kernel.prepare(vocabSize, minFrequency);
    add();
    while (kernel.findBest()) {
      const merged = name(kernel.bestLeft(), kernel.bestRight());
      if (merged === undefined) break;
      kernel.mergeBest(merged.id);
      if (!merged.isNew) kernel.build();
    }
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'RuntimeError')) throw cause;
    throw new DataError(
      'training-memory',
      'the words of the training text do not fit into four gigabytes',
      'train on a sample of the text (see `gristmill train-tokenizer --help`)',
      { cause },
    );
  }
}

const chunk = 1 << 20;

function addWords(kernel: Kernel, words: CountedWords): void {
  let size = chunk;
  for (let from = 0; from < words.length;) {
    const part = words.subarray(from, from + size);
    // The tokens of a word are four times as long as its bytes; they must not reach the bytes that follow.
    const at = (kernel.freeMemory() + 4 * size + 7) & ~7;
    new Uint8Array(reserveMemory(kernel.memory, at + part.length)).set(part, at);
    const taken = kernel.addWords(at, at + part.length) - at;
    from += taken;
    if (taken === 0) size *= 2;
  }
}
