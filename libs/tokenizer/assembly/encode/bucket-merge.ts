// Merges a piece of any length in a time that grows with it: places lie in a bucket a rank, and the ranks in use, at
// most as many as there are merges, in a heap. A merge makes a token that is longer than any of its rank, so pairs of one
// rank that do not touch can merge in any order; those that do are taken from the left. That holds while each new pair
// ranks behind the one that made it; where one does not, nothing is given and long-merge.ts, n log n, does the piece.

import { BYTE_IDS, HEADS, NONE, RANKS } from './layout';
import { resultOf, valueOf } from './merges';

const GONE: u32 = 0xffffffff;

// Arrays of the piece: a token, the next and the previous place, the rank of the pair that begins there; then the entries
// of the buckets: a place and the number of the entry behind it.
let tokens: usize = 0, nexts: usize = 0, previouses: usize = 0, values: usize = 0, entries: usize = 0;
let entryCount: u32 = 0, rankCount: usize = 0;

// @ts-ignore: decorator
@inline
function at(array: usize, place: u32): u32 { return load<u32>(array + (<usize>place << 2)); }
// @ts-ignore: decorator
@inline
function put(array: usize, place: u32, value: u32): void { store<u32>(array + (<usize>place << 2), value); }

/** Bytes of memory that `mergeByBuckets` needs behind `scratch`. */
export function bucketScratch(length: usize): usize { return length * 40 + 64; }

function pushRank(rank: u32): void {
  let hole = rankCount++;
  while (hole > 0) {
    const parent = (hole - 1) >> 1, above = load<u32>(RANKS + (parent << 2));
    if (above <= rank) break;
    store<u32>(RANKS + (hole << 2), above);
    hole = parent;
  }
  store<u32>(RANKS + (hole << 2), rank);
}

function popRank(): u32 {
  const top = load<u32>(RANKS), last = load<u32>(RANKS + (--rankCount << 2));
  let hole: usize = 0;
  for (let child: usize = 1; child < rankCount; child = 2 * hole + 1) {
    if (child + 1 < rankCount && load<u32>(RANKS + (child << 2), 4) < load<u32>(RANKS + (child << 2))) child++;
    const below = load<u32>(RANKS + (child << 2));
    if (last <= below) break;
    store<u32>(RANKS + (hole << 2), below);
    hole = child;
  }
  store<u32>(RANKS + (hole << 2), last);
  return top;
}

/** Notes the rank of the pair at a place. */
function propose(place: u32, length: u32): u32 {
  const next = at(nexts, place);
  const value = next < length ? valueOf(at(tokens, place), at(tokens, next)) : NONE;
  put(values, place, value);
  if (value == NONE) return value;
  const head = HEADS + (<usize>(value >> 7) << 2), before = load<u32>(head);
  if (before == 0) pushRank(value >> 7);
  const entry = entries + (<usize>entryCount << 3);
  store<u32>(entry, place);
  store<u32>(entry, before, 4);
  store<u32>(head, ++entryCount);
  return value;
}

/** Merges `length` bytes at `from`; the tokens are left at `scratch`. Returns their number; 0 = not to be done so. */
export function mergeByBuckets(from: usize, length: u32, scratch: usize): u32 {
  const bytes = <usize>length << 2;
  tokens = scratch;
  nexts = tokens + bytes;
  previouses = nexts + bytes;
  values = previouses + bytes;
  entries = (values + bytes + 7) & ~7;
  entryCount = 0;
  rankCount = 0;
  for (let i: u32 = 0; i < length; i++) {
    put(tokens, i, load<u32>(BYTE_IDS + (<usize>load<u8>(from + <usize>i) << 2)));
    put(nexts, i, i + 1);
    put(previouses, i, i - 1);
  }
  for (let i: u32 = 0; i < length; i++) propose(i, length);
  while (rankCount > 0) {
    const rank = popRank();
    if (!mergeRank(rank, length)) {
      emptyBuckets();
      return 0;
    }
  }
  return gather(length);
}

/** False when a pair turned up that should have come before. */
function mergeRank(rank: u32, length: u32): bool {
  const head = HEADS + (<usize>rank << 2), value = rank << 7;
  let number = load<u32>(head);
  store<u32>(head, 0);
  while (number != 0) {
    const entry = entries + (<usize>(number - 1) << 3);
    number = load<u32>(entry, 4);
    let place = load<u32>(entry);
    if (at(values, place) != value) continue;
    while (place > 0 && at(values, at(previouses, place)) == value) place = at(previouses, place);
    while (place < length && at(values, place) == value) {
      if (!mergeAt(place, value, length)) return false;
      place = at(nexts, place);
    }
  }
  return true;
}

function mergeAt(place: u32, value: u32, length: u32): bool {
  const gone = at(nexts, place), after = at(nexts, gone), previous = at(previouses, place);
  put(tokens, place, resultOf(value));
  put(tokens, gone, GONE);
  put(values, gone, NONE);
  put(nexts, place, after);
  if (after < length) put(previouses, after, place);
  if (propose(place, length) <= value) return false;
  return place == 0 || propose(previous, length) > value;
}

function emptyBuckets(): void {
  while (rankCount > 0) store<u32>(HEADS + (<usize>load<u32>(RANKS + (--rankCount << 2)) << 2), 0);
}

function gather(length: u32): u32 {
  let count: u32 = 0;
  for (let place: u32 = 0; place < length; place = at(nexts, place)) put(tokens, count++, at(tokens, place));
  return count;
}
