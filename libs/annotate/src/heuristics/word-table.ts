// The words of one document as numbers: equal words have equal ids, so that every later comparison of words and n-grams
// is a comparison of integers. Ids are exact (characters are compared, hashes only find the place).

import type { Words } from '@gristmill/text';
import { Flag, flagsAt } from './character-flags.ts';
import type { TextScan } from './text-scan.ts';

export const WordFlag = {
  /** Has a character that is no punctuation. */
  nonSymbol: 1,
  letter: 2,
  /** A single terminal mark: sentences end here. */
  sentenceEnd: 4,
  /** Punctuation only (Unicode category P). */
  punctuation: 8,
} as const;

export interface WordTable {
  readonly count: number;
  /** Word → id; ids count up from 0 in order of first occurrence. Valid until the next call on this thread. */
  readonly ids: Int32Array;
  readonly distinct: number;
  /** By id: `WordFlag`s and length in code points. */
  readonly flags: Uint8Array;
  readonly lengths: Int32Array;
  /** By id: a word that has it. */
  readonly firstWord: Int32Array;
}

let ids = new Int32Array(1 << 14);
let flags = new Uint8Array(1 << 14);
let lengths = new Int32Array(1 << 14);
let firstWord = new Int32Array(1 << 14);
let slots = new Int32Array(1 << 15);
let hashes = new Int32Array(1 << 14);

function reserve(count: number): number {
  let capacity = ids.length;
  while (capacity < count) capacity *= 2;
  if (capacity > ids.length) {
    ids = new Int32Array(capacity);
    flags = new Uint8Array(capacity);
    lengths = new Int32Array(capacity);
    firstWord = new Int32Array(capacity);
    hashes = new Int32Array(capacity);
    slots = new Int32Array(capacity * 2);
  }
  let size = 1024;
  while (size < count * 2) size *= 2;
  slots.fill(-1, 0, size);
  return size - 1;
}

export function tabulateWords({ text, units }: TextScan, words: Words): WordTable {
  const { count, offsets } = words;
  const mask = reserve(count);
  let distinct = 0;
  for (let w = 0; w < count; w++) {
    const start = offsets[2 * w];
    const end = offsets[2 * w + 1];
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + units[i]) | 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
    let slot = hash & mask;
    let id = slots[slot];
    while (id >= 0 && !(hashes[id] === hash && sameWord(units, offsets, firstWord[id], start, end))) {
      slot = (slot + 1) & mask;
      id = slots[slot];
    }
    if (id < 0) {
      id = distinct++;
      slots[slot] = id;
      hashes[id] = hash;
      firstWord[id] = w;
      describe(text, start, end, id);
    }
    ids[w] = id;
  }
  return { count, ids, distinct, flags, lengths, firstWord };
}

function sameWord(
  units: Uint16Array,
  offsets: Uint32Array,
  other: number,
  start: number,
  end: number,
): boolean {
  const from = offsets[2 * other];
  const length = end - start;
  if (offsets[2 * other + 1] - from !== length) return false;
  for (let i = 0; i < length; i++) if (units[from + i] !== units[start + i]) return false;
  return true;
}

function describe(text: string, start: number, end: number, id: number): void {
  let any = 0;
  let all = 0xff;
  let nonSymbol = false;
  let length = 0;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    const flag = flagsAt(text, i);
    any |= flag;
    all &= flag;
    if ((flag & Flag.symbol) === 0) nonSymbol = true;
    if ((unit & 0xfc00) === 0xd800 && i + 1 < end && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
    length++;
  }
  let flag = 0;
  if (nonSymbol) flag |= WordFlag.nonSymbol;
  if (any & Flag.letter) flag |= WordFlag.letter;
  if (length === 1 && any & Flag.terminal) flag |= WordFlag.sentenceEnd;
  if (all & Flag.punctuation) flag |= WordFlag.punctuation;
  flags[id] = flag;
  lengths[id] = length;
}
