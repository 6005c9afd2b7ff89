// The WebAssembly loop of BPE merges: assembly/merge-kernel.ts finds and merges the most frequent pair; what a merge is
// called is decided here. Reference: mergePairs in merge-pairs.ts.

import { DataError } from '@gristmill/core';
import { loadWasm, reserveMemory, type WasmMemory } from '../load-wasm.ts';
import type { CountedWords } from './counted-words.ts';

interface Kernel {
  readonly memory: WasmMemory;
  byteIds(): number;
  freeMemory(): number;
  prepare(tokens: number, minFrequency: number): void;
  addWords(from: number, end: number): number;
  findBest(): number;
  bestLeft(): number;
  bestRight(): number;
  mergeBest(merged: number): void;
  build(): void;
}

export interface MergeTask {
  /** Id of each byte. */
  readonly byteIds: Int32Array;
  /** More than any id. */
  readonly vocabSize: number;
  readonly minFrequency: number;
  /** The token that a pair merges to, `isNew` unless it had an id before; undefined: enough. */
  readonly name: (left: number, right: number) => { id: number; isNew: boolean } | undefined;
}

/** Merges pairs, the most frequent first, until none is left or `name` says enough. */
export function mergeByKernel(
  words: CountedWords,
  { byteIds, vocabSize, minFrequency, name }: MergeTask,
): void {
  try {
    const kernel = loadWasm<Kernel>('merge-kernel');
    new Int32Array(kernel.memory.buffer, kernel.byteIds(), 256).set(byteIds);
    kernel.prepare(vocabSize, minFrequency);
    addWords(kernel, words);
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
