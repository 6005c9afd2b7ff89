// Merges a piece of any length with a heap of (rank, place), so that a million letters without a space take n log n
// steps. Entries whose pair has changed since are skipped.

import { BYTE_IDS, NONE } from './layout';
import { resultOf, valueOf } from './merges';

const GONE: u32 = 0xffffffff;

// Arrays of the piece: a token, the next and the previous place of each part; then the heap.
let tokens: usize = 0, nexts: usize = 0, previouses: usize = 0, heap: usize = 0;
let size: usize = 0;

function push(entry: u64): void {
  let hole = size++;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = load<u64>(heap + (parent << 3));
    if (above <= entry) break;
    store<u64>(heap + (hole << 3), above);
    hole = parent;
  }
  store<u64>(heap + (hole << 3), entry);
}

function pop(): u64 {
  const top = load<u64>(heap);
  const entry = load<u64>(heap + (--size << 3));
  let hole: usize = 0;
  for (let child: usize = 1; child < size; child = 2 * hole + 1) {
    if (child + 1 < size && load<u64>(heap + (child << 3), 8) < load<u64>(heap + (child << 3))) child++;
    const below = load<u64>(heap + (child << 3));
    if (entry <= below) break;
    store<u64>(heap + (hole << 3), below);
    hole = child;
  }
  store<u64>(heap + (hole << 3), entry);
  return top;
}

function propose(place: u32, length: u32): void {
  const next = load<u32>(nexts + (<usize>place << 2));
  if (next >= length) return;
  const value = valueOf(load<u32>(tokens + (<usize>place << 2)), load<u32>(tokens + (<usize>next << 2)));
  if (value != NONE) push((<u64>value << 32) | <u64>place);
}

/** Bytes of memory that `mergeLong` needs behind `scratch`. */
export function longScratch(length: usize): usize {
  return length * 36 + 64;
}

/** Merges `length` bytes at `at`; the tokens are left at `scratch`. Returns their number. */
export function mergeLong(at: usize, length: u32, scratch: usize): u32 {
  const bytes = <usize>length << 2;
  tokens = scratch;
  nexts = scratch + bytes;
  previouses = nexts + bytes;
  heap = (previouses + bytes + 15) & ~7;
  size = 0;
  for (let i: u32 = 0; i < length; i++) {
    const offset = <usize>i << 2;
    store<u32>(tokens + offset, load<u32>(BYTE_IDS + (<usize>load<u8>(at + <usize>i) << 2)));
    store<u32>(nexts + offset, i + 1);
    store<u32>(previouses + offset, i - 1);
  }
  for (let i: u32 = 0; i + 1 < length; i++) propose(i, length);
  while (size > 0) mergeTop(length);
  let count: u32 = 0;
  for (let i: u32 = 0; i < length; i = load<u32>(nexts + (<usize>i << 2))) {
    store<u32>(tokens + (<usize>count << 2), load<u32>(tokens + (<usize>i << 2)));
    count++;
  }
  return count;
}

function mergeTop(length: u32): void {
  const top = pop();
  const value = <u32>(top >> 32), place = <u32>top;
  const offset = <usize>place << 2;
  const token = load<u32>(tokens + offset);
  const next = load<u32>(nexts + offset);
  if (token == GONE || next >= length) return;
  const gone = <usize>next << 2;
  if (valueOf(token, load<u32>(tokens + gone)) != value) return;
  store<u32>(tokens + offset, resultOf(value));
  store<u32>(tokens + gone, GONE);
  const after = load<u32>(nexts + gone);
  store<u32>(nexts + offset, after);
  if (after < length) store<u32>(previouses + (<usize>after << 2), place);
  const previous = load<u32>(previouses + offset);
  if (place > 0) propose(previous, length);
  propose(place, length);
}
