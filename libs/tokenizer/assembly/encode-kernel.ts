// asc: --enable simd --enable bulk-memory --initialMemory 1184 --uncheckedBehavior always
// Byte-level BPE over well-formed UTF-8: cuts text by one of the published patterns with hand-made scanners
// (encode/pretokens.ts), looks whole pretokens up in a cache keyed by their bytes (encode/piece-cache.ts), and merges what
// is not there (encode/merges.ts). Reference: src/tokenizer.ts (the regular expressions of pretokenize-pattern.ts and
// merge-piece.ts). The text must be followed by 64 bytes that may be written.

import { FIXED_END, LONGEST, OUTPUT, OUTPUT_LIMIT, PARTS, PREFIX } from './encode/layout';
import { bucketScratch, mergeByBuckets } from './encode/bucket-merge';
import { longScratch, mergeLong } from './encode/long-merge';
import { mergeShort } from './encode/merges';
import {
  append, copyEntry, emptyCache, findLong, findShort, frontOf, hashOf, holds, isFull, keepLong, keepShort, makeMasks, onlyToken, shortKey0, shortKey1,
} from './encode/piece-cache';
import { pretokenEnd } from './encode/pretokens';

export { setMerges } from './encode/merges';

const LONGEST_KEPT: usize = 48; // longer pieces hardly ever come again

let vocabulary: usize = 0;
let vocabularySize: u32 = 0;
let longestToken: usize = 0;
let produced: usize = 0, producedBytes: usize = 0;

/** Where the host may put the vocabulary. */
export function freeMemory(): usize { return FIXED_END; }
/** The tokens that the last `encode` made: where, and how many. */
export function outputAddress(): usize { return produced; }
export function outputCount(): i32 { return <i32>(producedBytes >> 2); }

/** @param isPrefix a byte for each ASCII character: 1 where it may stand before a word */
export function prepare(isPrefix: usize): void {
  makeMasks();
  memory.copy(PREFIX, isPrefix, 128);
  memory.fill(PREFIX + 128, 0, 128);
}

/**
 * Tokens that a piece of their bytes is whatever the merges say.
 * @param address `size` + 1 offsets of four bytes, then the bytes; a token without bytes is none
 */
export function setVocabulary(address: usize, size: u32): void {
  vocabulary = address;
  vocabularySize = size;
  for (let id: u32 = 0; id < size; id++) longestToken = max(longestToken, lengthOf(id));
  addVocabulary();
}

// @ts-ignore: decorator
@inline
function bytesOf(id: u32): usize {
  return vocabulary + ((<usize>vocabularySize + 1) << 2) + <usize>load<u32>(vocabulary + (<usize>id << 2));
}

// @ts-ignore: decorator
@inline
function lengthOf(id: u32): usize {
  return <usize>(load<u32>(vocabulary + (<usize>id << 2), 4) - load<u32>(vocabulary + (<usize>id << 2)));
}

function addVocabulary(): void {
  for (let id: u32 = 0; id < vocabularySize; id++) {
    const at = bytesOf(id), length = lengthOf(id);
    if (length == 0) continue;
    if (find(at, length) != 0) continue;
    store<u32>(PARTS, id);
    if (length < 16) keepShort(shortKey0(at, length), shortKey1(at, length), PARTS, 1);
    else keepLong(at, length, PARTS, 1);
  }
}

function find(at: usize, length: usize): usize {
  return length < 16 ? findShort(shortKey0(at, length), shortKey1(at, length)) : findLong(at, length);
}

/** Every way to cut a token of the vocabulary into two: left, right, token and its rank, the token. Returns the number. */
export function listCuts(list: usize): u32 {
  let at = list;
  for (let id: u32 = 0; id < vocabularySize; id++) {
    const bytes = bytesOf(id), length = lengthOf(id);
    for (let cut: usize = 1; cut < length; cut++) {
      const left = onlyToken(find(bytes, cut));
      if (left < 0) continue;
      const right = onlyToken(find(bytes + cut, length - cut));
      if (right < 0) continue;
      reach(at + 16);
      store<i32>(at, left);
      store<i32>(at, right, 4);
      store<u32>(at, id, 8);
      store<u32>(at, id, 12);
      at += 16;
    }
  }
  return <u32>((at - list) >> 4);
}

function reach(end: usize): void {
  const pages = <i32>((end + 65535) >> 16) - memory.size();
  if (pages > 0) memory.grow(pages + 64);
}

function makeRoom(): void {
  emptyCache();
  addVocabulary();
}

/** Tokens of a piece of 16 to LONGEST bytes, at `out`; returns their end. */
function appendLong(at: usize, length: usize, out: usize): usize {
  if (length > LONGEST_KEPT && length > longestToken) return copyParts(mergeShort(at, length), out);
  let entry = findLong(at, length);
  if (entry == 0) {
    const count = mergeShort(at, length);
    if (length > LONGEST_KEPT) return copyParts(count, out);
    entry = keepLong(at, length, PARTS, count);
  }
  return append(entry, out);
}

function copyParts(count: u32, out: usize): usize {
  const bytes = <usize>count << 2;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.load(PARTS + i));
  return out + bytes;
}

/** Tokens of a piece of up to 15 bytes whose copy is not at `front`, where it is put; returns their end. */
function appendShort(at: usize, length: usize, front: usize, out: usize): usize {
  const key0 = shortKey0(at, length), key1 = shortKey1(at, length);
  let entry = findShort(key0, key1);
  if (entry == 0 && isFull()) {
    makeRoom();
    entry = findShort(key0, key1);
  }
  if (entry == 0) entry = keepShort(key0, key1, PARTS, mergeShort(at, length));
  copyEntry(entry, front);
  return append(entry, out);
}

// @ts-ignore: decorator
@inline
function encodeBy(from: usize, end: usize, pattern: i32): usize {
  let at = from, out = OUTPUT;
  while (at < end && out < OUTPUT_LIMIT) {
    const stop = pretokenEnd(at, end, pattern), length = stop - at;
    if (length < 16) {
      const key0 = shortKey0(at, length), key1 = shortKey1(at, length);
      const front = frontOf(hashOf(key0, key1));
      out = holds(front, key0, key1) ? append(front, out) : appendShort(at, length, front, out);
    } else {
      if (length > LONGEST) break;
      if (isFull()) makeRoom();
      out = appendLong(at, length, out);
    }
    at = stop;
  }
  produced = OUTPUT;
  producedBytes = out - OUTPUT;
  return at;
}

function encodeLong(at: usize, stop: usize, end: usize): void {
  const length = stop - at;
  const token = length <= longestToken ? onlyToken(findLong(at, length)) : -1;
  if (token >= 0) {
    store<i32>(OUTPUT, token);
    producedBytes = 4;
    return;
  }
  const scratch = (end + 127) & ~63;
  reach(scratch + max(bucketScratch(length), longScratch(length)));
  produced = scratch;
  let count = mergeByBuckets(at, <u32>length, scratch);
  if (count == 0) count = mergeLong(at, <u32>length, scratch);
  producedBytes = <usize>count << 2;
}

/**
 * Encodes from `from` until the text ends, the output is full, or a piece longer than LONGEST begins, which then is the
 * output of the next call; returns where it stopped.
 * @param pattern 0 gpt2, 1 cl100k_base, 2 o200k_base
 */
export function encode(from: usize, end: usize, pattern: i32): usize {
  memory.fill(end, 0, 32);
  let at: usize;
  if (pattern == 0) at = encodeBy(from, end, 0);
  else if (pattern == 1) at = encodeBy(from, end, 1);
  else at = encodeBy(from, end, 2);
  if (at > from || at == end) return at;
  const stop = pretokenEnd(at, end, pattern);
  encodeLong(at, stop, end);
  return stop;
}
