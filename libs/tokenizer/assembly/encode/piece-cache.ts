// The cache of whole pieces. Entries of 32 bytes lie in the order of their first appearance, so that frequent pieces, which
// come early, lie together; an open-addressing index of 4 bytes a slot finds them, and copies of those met lately lie in
// front. A piece of up to 15 bytes is its own key (its bytes and its length); a longer one is found by a hash, and its
// bytes in the pool are compared. An entry holds up to three tokens (two of a long piece) or their place in the pool.

import { ENTRIES, FRONT, INDEX, MASKS, MOST_ENTRIES, POOL, POOL_END, SLOT_BITS } from './layout';

const FRONT_BITS: u64 = 12;
const POOLED: u32 = 0x80000000;

// An entry: two words of key; at 16 tokens or their place; at 24 the bytes of a long piece; at 28 how many tokens.
// A slot: 12 bits of the hash, 20 of the entry's number + 1.
let used: u32 = 0;
let poolTop: usize = POOL;
let emptySlot: usize = 0, emptyTag: u32 = 0;

export function isFull(): bool {
  return used >= MOST_ENTRIES || poolTop > POOL_END - 65536;
}

export function emptyCache(): void {
  memory.fill(FRONT, 0, 32 << <usize>FRONT_BITS);
  memory.fill(INDEX, 0, 4 << SLOT_BITS);
  used = 0;
  poolTop = POOL;
}

export function makeMasks(): void {
  memory.fill(MASKS, 0, 256);
  for (let n: usize = 0; n < 16; n++) memory.fill(MASKS + (n << 4), 0xff, n);
}

// @ts-ignore: decorator
@inline
export function hashOf(key0: u64, key1: u64): u64 {
  return key0 * 0x9e3779b97f4a7c15 + key1 * 0xc2b2ae3d27d4eb4f;
}

/** The copy of an entry met lately, or what lies in its place. */
// @ts-ignore: decorator
@inline
export function frontOf(hash: u64): usize {
  return FRONT + (<usize>(hash >> (64 - FRONT_BITS)) << 5);
}

// @ts-ignore: decorator
@inline
export function holds(entry: usize, key0: u64, key1: u64): bool {
  return ((load<u64>(entry, 8) ^ key1) | (load<u64>(entry) ^ key0)) == 0;
}

export function copyEntry(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

// @ts-ignore: decorator
@inline
export function shortKey0(at: usize, length: usize): u64 {
  return load<u64>(at) & load<u64>(MASKS + (length << 4));
}

// @ts-ignore: decorator
@inline
export function shortKey1(at: usize, length: usize): u64 {
  return (load<u64>(at, 8) & load<u64>(MASKS + (length << 4), 8)) | (<u64>length << 56);
}

/** The entry of a piece, or 0. Leaves what `keep…` needs. `at` is read of long pieces alone, when `length` is not 0. */
// @ts-ignore: decorator
@inline
function find(key0: u64, key1: u64, at: usize, length: usize): usize {
  const hash = hashOf(key0, key1);
  const tag = <u32>(hash >> 12) & 0xfff00000;
  let slot = <u32>(hash >> (64 - SLOT_BITS));
  while (true) {
    const place = INDEX + (<usize>slot << 2);
    const word = load<u32>(place);
    if (word == 0) {
      emptySlot = place;
      emptyTag = tag;
      return 0;
    }
    if ((word & 0xfff00000) == tag) {
      const entry = ENTRIES + (<usize>((word & 0xfffff) - 1) << 5);
      if (holds(entry, key0, key1) && (length == 0 || sameBytes(load<u32>(entry, 24), at, length))) return entry;
    }
    slot = (slot + 1) & ((1 << SLOT_BITS) - 1);
  }
  return 0;
}

/** The entry of a piece of up to 15 bytes, or 0. */
export function findShort(key0: u64, key1: u64): usize {
  return find(key0, key1, 0, 0);
}

// @ts-ignore: decorator
@inline
export function longKey0(at: usize, length: usize): u64 {
  let hash: u64 = length;
  const last = at + length - 8;
  for (let p = at; p < last; p += 8) {
    hash = (hash ^ load<u64>(p)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  hash = (hash ^ load<u64>(last)) * 0xd6e8feb86659fd93;
  return hash ^ (hash >> 29);
}

export function sameBytes(a: usize, b: usize, length: usize): bool {
  const last = length - 16;
  for (let i: usize = 0; i < last; i += 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(a + i), v128.load(b + i)))) return false;
  }
  return i8x16.all_true(i8x16.eq(v128.load(a + last), v128.load(b + last)));
}

let longKey: u64 = 0;

/** The entry of a piece of 16 bytes or more, or 0. */
export function findLong(at: usize, length: usize): usize {
  longKey = longKey0(at, length);
  return find(longKey, (<u64>0xff << 56) | <u64>length, at, length);
}

/** Makes the entry that `findShort` just missed, with `count` tokens at `tokens`. */
export function keepShort(key0: u64, key1: u64, tokens: usize, count: u32): usize {
  return keep(key0, key1, tokens, count, 3);
}

/** Makes the entry that `findLong` just missed. */
export function keepLong(at: usize, length: usize, tokens: usize, count: u32): usize {
  const entry = keep(longKey, (<u64>0xff << 56) | <u64>length, tokens, count, 2);
  store<u32>(entry, <u32>poolTop, 24);
  memory.copy(poolTop, at, length);
  poolTop += (length + 7) & ~7;
  return entry;
}

function keep(key0: u64, key1: u64, tokens: usize, count: u32, room: u32): usize {
  const entry = ENTRIES + (<usize>used << 5);
  used++;
  store<u32>(emptySlot, emptyTag | used);
  store<u64>(entry, key0);
  store<u64>(entry, key1, 8);
  keepTokens(entry, tokens, count, room);
  return entry;
}

// @ts-ignore: decorator
@inline
function keepTokens(entry: usize, tokens: usize, count: u32, room: u32): void {
  if (count <= room) {
    store<u64>(entry, load<u64>(tokens), 16);
    store<u32>(entry, load<u32>(tokens, 8), 24);
    store<u32>(entry, count, 28);
    return;
  }
  store<u32>(entry, <u32>poolTop, 16);
  store<u32>(entry, count | POOLED, 28);
  memory.copy(poolTop, tokens, <usize>count << 2);
  poolTop += <usize>count << 2;
}

/** Writes an entry's tokens, and up to three words more, at `out`; returns their end. */
// @ts-ignore: decorator
@inline
export function append(entry: usize, out: usize): usize {
  const count = load<u32>(entry, 28);
  if (count < POOLED) {
    v128.store(out, v128.load(entry, 16));
    return out + (<usize>count << 2);
  }
  return appendPooled(load<u32>(entry, 16), <usize>(count ^ POOLED) << 2, out);
}

function appendPooled(tokens: usize, bytes: usize, out: usize): usize {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.load(tokens + i));
  return out + bytes;
}

/** The token of an entry that holds one, else -1. */
export function onlyToken(entry: usize): i32 {
  return entry != 0 && load<u32>(entry, 28) == 1 ? load<i32>(entry, 16) : -1;
}
