// The words that merges work on, one after the other: the number of their tokens (4 bytes), their count (8), the tokens
// (4 each). Where tokens merged, gaps are left, until the list is packed; a word of one token has no pair and goes then.

import { reach } from './arena';

const HEAD: usize = 12;
const GAP: u32 = 0xffffffff;

let first: usize = 0, end: usize = 0;

export function openWords(address: usize): void {
  first = address;
  end = address;
}

export function wordsStart(): usize { return first; }
export function wordsEnd(): usize { return end; }
export function lengthOf(word: usize): usize { return <usize>load<u32>(word); }
export function timesOf(word: usize): u64 { return load<u64>(word, 4); }
export function tokensOf(word: usize): usize { return word + HEAD; }
export function tokensEnd(word: usize): usize { return word + HEAD + (lengthOf(word) << 2); }

/** Adds a word without its tokens; returns where they go. */
export function addHead(length: usize, count: u64): usize {
  const word = end;
  end += HEAD + (length << 2);
  reach(end + 64);
  store<u32>(word, <u32>length);
  store<u64>(word, count, 4);
  return word + HEAD;
}

/** Leaves a word its tokens before `tokens`. */
export function shorten(word: usize, tokens: usize): void {
  for (let at = tokens, stop = tokensEnd(word); at < stop; at += 4) store<u32>(at, GAP);
  store<u32>(word, <u32>((tokens - word - HEAD) >> 2));
}

/** Moves words of two or more tokens together. Addresses of words are void afterwards. */
export function packWords(): void {
  let to = first;
  for (let word = first; word < end;) {
    const stop = tokensEnd(word), size = stop - word;
    if (lengthOf(word) > 1) {
      if (to != word) memory.copy(to, word, size);
      to += size;
    }
    word = stop;
    while (word < end && load<u32>(word) == GAP) word += 4;
  }
  end = to;
}
