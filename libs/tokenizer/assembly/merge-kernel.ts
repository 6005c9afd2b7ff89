// asc: --enable bulk-memory --initialMemory 2 --uncheckedBehavior always
// The merge loop of BPE training over counted words: their tokens lie in one array, each pair has a list of the words
// that hold it, and the most frequent pair comes from a heap. Only pairs that occur at least `least` times are kept;
// when none is left, `least` sinks and the pairs are counted anew, so memory holds what may soon be merged.
// Reference: src/train/merge-pairs-reference.ts.

import { allocate, reach, setTop, topAddress } from './train/arena';
import { bear, isBehind, meet, metCount, metNumber, metTimes, openEvents, openNeighbours, spread, tokenOf } from './train/neighbours';
import { heapSize, openHeap, popPair, pushPair, topCount, topKey } from './train/pair-heap';
import {
  countAt, EMPTY, findPair, keyOf, lengthAt, listAt, moveTable, openPair, openTable, pairCount, setCount, setList, SLOT, tableEnd, tableStart,
} from './train/pair-table';
import { addHead, lengthOf, openWords, packWords, shorten, timesOf, tokensEnd, tokensOf, wordsEnd, wordsStart } from './train/word-list';

const BYTE_IDS: usize = 0x8000; // the token of each byte
const START: usize = 0x10000;
const STEP: u64 = 64; // from the most frequent pair down to `least`
const MOST_GARBAGE: usize = 256 << 20;

let minimum: u64 = 0, least: u64 = 0;
let built: usize = 0; // end of the arena after the last build
let best: u64 = 0;

export function byteIds(): usize { return BYTE_IDS; }
export function freeMemory(): usize { return wordsEnd(); }
export function bestLeft(): u32 { return <u32>(best >> 32); }
export function bestRight(): u32 { return <u32>best; }

/** @param tokens more than any token's id; @param minFrequency pairs that occur less often are not merged */
export function prepare(tokens: u32, minFrequency: u32): void {
  openWords(START + openNeighbours(START, tokens));
  minimum = max(<u64>minFrequency, 1);
  least = 0;
}

/** Takes words as the count kernel lists them; returns the address of the first that does not end before `end`. */
export function addWords(from: usize, end: usize): usize {
  let at = from;
  while (at + 32 <= end) {
    const length = <usize>load<u32>(at, 8);
    const next = at + 16 + max<usize>(16, (length + 7) & ~7);
    if (next > end) break;
    if (length > 1) addWord(at + 16, length, load<u64>(at));
    at = next;
  }
  return at;
}

/** Takes words whose tokens are known: count (8 bytes), number of tokens (4), 4 bytes, then the tokens (4 each). */
export function addSpelled(from: usize, end: usize): void {
  for (let at = from; at < end;) {
    const length = <usize>load<u32>(at, 8);
    const next = at + 16 + (length << 2);
    // Words take less room here than there, so what is read lies behind what is written.
    const tokens = addHead(length, load<u64>(at));
    for (let i: usize = 0; i < length << 2; i += 4) store<u32>(tokens + i, load<u32>(at + 16 + i));
    at = next;
  }
}

function addWord(bytes: usize, length: usize, count: u64): void {
  const tokens = addHead(length, count);
  for (let i: usize = 0; i < length; i++) {
    store<u32>(tokens + (i << 2), load<u32>(BYTE_IDS + (<usize>load<u8>(bytes + i) << 2)));
  }
}

/** Finds the most frequent pair; false when none occurs as often as asked. */
export function findBest(): bool {
  if (least == 0 || topAddress() - built > MOST_GARBAGE) build();
  while (true) {
    while (heapSize() > 0) {
      const count = topCount(), key = topKey();
      const present = countAt(findPair(key));
      popPair();
      if (present == count) {
        best = key;
        return true;
      }
      if (present >= least) pushPair(present, key);
    }
    if (least <= minimum) return false;
    build();
  }
  return false;
}

/** Counts the pairs of all words anew. */
export function build(): void {
  packWords();
  const start = wordsEnd() + 8;
  setTop(start);
  reach(start);
  openTable(14);
  countPairs();
  const sunk = max(minimum, greatestCount() / STEP);
  least = least == 0 ? sunk : min(least, sunk);
  keepFrequent((start + 7) & ~7);
  listWords();
  built = topAddress();
}

function countPairs(): void {
  for (let word = wordsStart(); word < wordsEnd(); word = tokensEnd(word)) {
    const count = timesOf(word);
    let left = load<u32>(tokensOf(word));
    for (let at = tokensOf(word) + 4, end = tokensEnd(word); at < end; at += 4) {
      const right = load<u32>(at);
      const pair = openPair(keyOf(left, right));
      setCount(pair, countAt(pair) + count);
      setList(pair, 0, lengthAt(pair) + 1);
      left = right;
    }
  }
}

function greatestCount(): u64 {
  let greatest: u64 = 0;
  for (let pair = tableStart(), end = tableEnd(); pair < end; pair += SLOT) {
    if (load<u64>(pair) != EMPTY) greatest = max(greatest, countAt(pair));
  }
  return greatest;
}

/** Leaves the frequent pairs, in a table at `start`, their lists behind it and a heap of them. */
function keepFrequent(start: usize): void {
  const all = tableStart(), end = tableEnd();
  openTable(12);
  let occurrences: u32 = 0;
  for (let from = all; from < end; from += SLOT) {
    if (load<u64>(from) == EMPTY || countAt(from) < least) continue;
    const pair = openPair(load<u64>(from));
    setCount(pair, countAt(from));
    setList(pair, 0, lengthAt(from));
    occurrences = max(occurrences, lengthAt(from));
  }
  moveTable(start);
  openHeap(2 * <usize>pairCount() + 1024);
  openEvents(<usize>occurrences);
  for (let pair = tableStart(), stop = tableEnd(); pair < stop; pair += SLOT) {
    if (load<u64>(pair) != EMPTY) pushPair(countAt(pair), load<u64>(pair));
  }
}

function listWords(): void {
  for (let pair = tableStart(), end = tableEnd(); pair < end; pair += SLOT) {
    if (load<u64>(pair) != EMPTY) setList(pair, allocate(<usize>lengthAt(pair) << 2), 0);
  }
  for (let word = wordsStart(); word < wordsEnd(); word = tokensEnd(word)) {
    let left = load<u32>(tokensOf(word));
    for (let at = tokensOf(word) + 4, end = tokensEnd(word); at < end; at += 4) {
      const right = load<u32>(at);
      const pair = findPair(keyOf(left, right));
      left = right;
      if (pair == 0) continue;
      const length = lengthAt(pair);
      store<u32>(listAt(pair) + (<usize>length << 2), <u32>word);
      setList(pair, listAt(pair), length + 1);
    }
  }
}

/** Merges the best pair into `merged`, everywhere. */
export function mergeBest(merged: u32): void {
  const left = bestLeft(), right = bestRight();
  const pair = findPair(best);
  const list = listAt(pair), end = list + (<usize>lengthAt(pair) << 2);
  setCount(pair, 0);
  setList(pair, 0, 0);
  let twins: u64 = 0;
  for (let at = list; at < end; at += 4) twins += mergeIn(<usize>load<u32>(at), left, right, merged);
  for (let i: usize = 0; i < metCount(); i++) correct(metNumber(i), left, right, merged);
  if (twins > 0) lose(keyOf(right, left), twins);
  spread();
}

/** A neighbour's pair with a part of the merged one loses, its pair with the new token is born. */
function correct(number: u32, left: u32, right: u32, merged: u32): void {
  const token = tokenOf(number), times = metTimes(number), behind = isBehind(number);
  if (token != merged) lose(behind ? keyOf(right, token) : keyOf(token, left), times);
  if (times >= least) bear(number, behind ? keyOf(merged, token) : keyOf(token, merged));
}

function lose(key: u64, times: u64): void {
  const pair = key == best ? 0 : findPair(key);
  if (pair != 0) setCount(pair, countAt(pair) - times);
}

/** Merges in one word; returns how often two merged tokens now lie side by side, times the word's count. */
function mergeIn(word: usize, left: u32, right: u32, merged: u32): u64 {
  const count = timesOf(word), first = tokensOf(word), end = tokensEnd(word);
  let twins: u64 = 0;
  let to = first, last: usize = 0; // where the merge before this one ended
  for (let from = first; from < end;) {
    const token = load<u32>(from), next = from + 8;
    if (token != left || next > end || load<u32>(from, 4) != right) {
      store<u32>(to, token);
      from += 4;
      to += 4;
      continue;
    }
    if (from != last && to > first) meet(load<u32>(to - 4), 0, word, count);
    if (next + 8 <= end && load<u32>(next) == left && load<u32>(next, 4) == right) {
      meet(merged, 1, word, count);
      twins += count;
    } else if (next < end) meet(load<u32>(next), 1, word, count);
    store<u32>(to, merged);
    to += 4;
    from = next;
    last = next;
  }
  if (to < end) shorten(word, to);
  return twins;
}
