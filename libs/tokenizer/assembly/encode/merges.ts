// The table of merges, and the merging of one piece: always the pair of least rank, leftmost first.
// A pair's rank and place share a number, so the least number of a piece names both; SIMD finds it.

import { BYTE_IDS, BYTE_PAIRS, MERGES, NEXT, NONE, PARTS, PLACES, PREVIOUS, RESULTS, VALUES } from './layout';

let shift: u64 = 0;
let mask: u32 = 0;

// @ts-ignore: decorator
@inline
function slotOf(key: u64): u32 {
  return <u32>((key * 0x9e3779b97f4a7c15) >> shift);
}

/** Rank of a pair << 7, or NONE. */
// @ts-ignore: decorator
@inline
export function valueOf(left: u32, right: u32): u32 {
  const key = (<u64>left << 20) | <u64>right;
  let slot = slotOf(key);
  while (true) {
    const entry = load<u64>(MERGES + (<usize>slot << 3));
    if (entry >> 24 == key) return (<u32>entry & 0xffffff) << 7;
    if (entry == u64.MAX_VALUE) return NONE;
    slot = (slot + 1) & mask;
  }
  return NONE;
}

// @ts-ignore: decorator
@inline
export function resultOf(value: u32): u32 {
  return load<u32>(RESULTS + (<usize>(value >> 7) << 2));
}

/** @param list left, right, merged, rank of each merge, four bytes each; the first rank of a pair counts */
export function setMerges(list: usize, count: u32, slotBits: u32): void {
  shift = 64 - <u64>slotBits;
  mask = (1 << slotBits) - 1;
  memory.fill(MERGES, 0xff, 8 << slotBits);
  const stop = list + (<usize>count << 4);
  for (let at = list; at < stop; at += 16) {
    const left = load<u32>(at), right = load<u32>(at, 4);
    if (valueOf(left, right) != NONE) continue;
    const key = (<u64>left << 20) | <u64>right;
    let slot = slotOf(key);
    while (load<u64>(MERGES + (<usize>slot << 3)) != u64.MAX_VALUE) slot = (slot + 1) & mask;
    const rank = load<u32>(at, 12);
    store<u64>(MERGES + (<usize>slot << 3), (key << 24) | <u64>rank);
    store<u32>(RESULTS + (<usize>rank << 2), load<u32>(at, 8));
  }
  for (let i: usize = 0; i < 65536; i++) {
    store<u32>(BYTE_PAIRS + (i << 2), valueOf(load<u32>(BYTE_IDS + (i >> 8 << 2)), load<u32>(BYTE_IDS + ((i & 255) << 2))));
  }
  for (let i: usize = 0; i < 256; i++) store<u8>(PLACES + i, <u8>i);
}

// @ts-ignore: decorator
@inline
function leastValue(stop: usize): u32 {
  let least = v128.load(VALUES);
  for (let at = VALUES + 16; at < stop; at += 16) least = i32x4.min_u(least, v128.load(at));
  least = i32x4.min_u(least, i32x4.shuffle(least, least, 2, 3, 0, 1));
  least = i32x4.min_u(least, i32x4.shuffle(least, least, 1, 0, 3, 2));
  return <u32>i32x4.extract_lane(least, 0);
}

/** Merges a piece of at most LONGEST bytes; its tokens lie at PARTS. Returns their number. */
export function mergeShort(at: usize, length: usize): u32 {
  const last = length - 1;
  let before: usize = load<u8>(at);
  store<u32>(PARTS, load<u32>(BYTE_IDS + (before << 2)));
  for (let i: usize = 0; i < last; i++) {
    const byte: usize = load<u8>(at + i, 1);
    store<u32>(VALUES + (i << 2), load<u32>(BYTE_PAIRS + (before << 10) + (byte << 2)) | <u32>i);
    store<u32>(PARTS + (i << 2), load<u32>(BYTE_IDS + (byte << 2)), 4);
    before = byte;
  }
  v128.store(VALUES + (last << 2), i32x4.splat(-1));
  for (let i: usize = 0; i <= length; i += 16) {
    v128.store(NEXT + i, v128.load(PLACES + i, 1));
    v128.store(PREVIOUS + i + 1, v128.load(PLACES + i));
  }
  const stop = VALUES + (last << 2);
  while (true) {
    const value = leastValue(stop);
    if (value >= NONE) break;
    const place = <usize>(value & 127);
    const gone = <usize>load<u8>(NEXT + place);
    const next = <usize>load<u8>(NEXT + gone);
    const token = resultOf(value);
    store<u32>(PARTS + (place << 2), token);
    store<u32>(VALUES + (gone << 2), 0xffffffff);
    store<u8>(NEXT + place, <u8>next);
    store<u8>(PREVIOUS + next, <u8>place);
    const right = next < length ? valueOf(token, load<u32>(PARTS + (next << 2))) | <u32>place : 0xffffffff;
    store<u32>(VALUES + (place << 2), right);
    if (place == 0) continue;
    const previous = <usize>load<u8>(PREVIOUS + place);
    store<u32>(VALUES + (previous << 2), valueOf(load<u32>(PARTS + (previous << 2)), token) | <u32>previous);
  }
  return gather(length);
}

/** Moves the tokens that are left to the front. */
function gather(length: usize): u32 {
  let count: usize = 0;
  for (let place: usize = 0; place < length; place = <usize>load<u8>(NEXT + place)) {
    store<u32>(PARTS + (count << 2), load<u32>(PARTS + (place << 2)));
    count++;
  }
  return <u32>count;
}
