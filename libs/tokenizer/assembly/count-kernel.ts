// asc: --enable simd --enable bulk-memory --initialMemory 20 --uncheckedBehavior always
// Counts the pretokens of texts, cut by GPT-2's pattern (encode/pretokens.ts), in a hash table over their bytes.
// The text lies first, then the index, then the entries in the order of their first appearance; each moves up where the
// one before it grows. Reference: countPretokens in src/train/word-counts.ts.

import { hashOf, longKey0, makeMasks, sameBytes, shortKey0, shortKey1 } from './encode/piece-cache';
import { gpt2End } from './encode/pretokens';
import { reach } from './train/arena';

const TEXT: usize = 0x121000; // behind the tables of encode/layout.ts that the scanner reads

// A slot: 32 bits of the hash, the entry's place / 8 + 1. An entry: count (8 bytes), length (4), 32 bits of the hash, then
// the bytes: of a piece below 16 bytes the two words of its key, of another the bytes and zeros to a multiple of 8.
const HEAD: usize = 16;
let slotBits: u32 = 12;
let index: usize = TEXT, entries: usize = TEXT, end: usize = TEXT;
let distinct: u32 = 0;

export function prepare(): void {
  makeMasks();
  clear();
}

export function clear(): void {
  slotBits = 12;
  distinct = 0;
  entries = index + (8 << slotBits);
  end = entries;
  reach(end);
  memory.fill(index, 0, 8 << slotBits);
}

export function entriesAddress(): usize { return entries; }
export function entriesEnd(): usize { return end; }
export function pieceCount(): u32 { return distinct; }

/** Where the host may put `bytes` bytes. */
export function roomForText(bytes: usize): usize {
  const room = index - TEXT, wanted = bytes + 64;
  if (wanted > room) {
    const more = (wanted - room + 0xffff) & ~0xffff;
    reach(end + more);
    memory.copy(index + more, index, end - index);
    index += more;
    entries += more;
    end += more;
  }
  return TEXT;
}

/** Counts the pretokens of the text [from, to) in the room for it. */
export function countText(from: usize, to: usize): void {
  memory.fill(to, 0, 32);
  for (let at = from; at < to;) {
    const stop = gpt2End(at, to);
    add(at, stop - at, 1);
    at = stop;
  }
}

/** Adds whole entries of another table that lie in the room for text. Returns where the first that is cut off begins. */
export function addEntries(from: usize, to: usize): usize {
  let at = from;
  while (at + 32 <= to) {
    const length = <usize>load<u32>(at, 8), next = at + sizeOf(length);
    if (next > to) break;
    add(at + HEAD, length, load<u64>(at));
    at = next;
  }
  return at;
}

// @ts-ignore: decorator
@inline
function sizeOf(length: usize): usize { return HEAD + max<usize>(16, (length + 7) & ~7); }

// @ts-ignore: decorator
@inline
function add(at: usize, length: usize, count: u64): void {
  if (length < 16) {
    const key0 = shortKey0(at, length), key1 = shortKey1(at, length);
    const tag = <u32>(hashOf(key0, key1) >> 32);
    let slot = tag >> (32 - slotBits);
    while (true) {
      const word = load<u64>(index + (<usize>slot << 3));
      if (word == 0) break;
      if (<u32>(word >> 32) == tag) {
        const entry = entries + ((<usize><u32>word - 1) << 3);
        if (load<u64>(entry, 16) == key0 && load<u64>(entry, 24) == key1 && load<u32>(entry, 8) == <u32>length) {
          store<u64>(entry, load<u64>(entry) + count);
          return;
        }
      }
      slot = (slot + 1) & ((1 << slotBits) - 1);
    }
    const entry = keep(slot, tag, length, count);
    store<u64>(entry, key0, 16);
    store<u64>(entry, key1, 24);
  } else addLong(at, length, count);
}

function addLong(at: usize, length: usize, count: u64): void {
  const tag = <u32>(hashOf(longKey0(at, length), length) >> 32);
  let slot = tag >> (32 - slotBits);
  while (true) {
    const word = load<u64>(index + (<usize>slot << 3));
    if (word == 0) break;
    const entry = entries + ((<usize><u32>word - 1) << 3);
    if (<u32>(word >> 32) == tag && load<u32>(entry, 8) == <u32>length && sameBytes(entry + HEAD, at, length)) {
      store<u64>(entry, load<u64>(entry) + count);
      return;
    }
    slot = (slot + 1) & ((1 << slotBits) - 1);
  }
  const entry = keep(slot, tag, length, count);
  store<u64>(entry + sizeOf(length) - 8, 0);
  memory.copy(entry + HEAD, at, length);
}

/** A new entry, in an empty slot, without its bytes. The index may have grown behind it. */
function keep(slot: u32, tag: u32, length: usize, count: u64): usize {
  let entry = end;
  end += sizeOf(length);
  reach(end + 64);
  store<u64>(entry, count);
  store<u32>(entry, <u32>length, 8);
  store<u32>(entry, tag, 12);
  store<u64>(index + (<usize>slot << 3), (<u64>tag << 32) | (<u64>((entry - entries) >> 3) + 1));
  if (<u64>++distinct * 5 > <u64>3 << slotBits) {
    const grown = <usize>8 << slotBits;
    growIndex();
    entry += grown;
  }
  return entry;
}

function growIndex(): void {
  const grown = <usize>8 << slotBits;
  reach(end + grown);
  memory.copy(entries + grown, entries, end - entries);
  entries += grown;
  end += grown;
  slotBits++;
  memory.fill(index, 0, <usize>8 << slotBits);
  const mask: u32 = (1 << slotBits) - 1;
  for (let entry = entries; entry < end; entry += sizeOf(<usize>load<u32>(entry, 8))) {
    const tag = load<u32>(entry, 12);
    let slot = tag >> (32 - slotBits);
    while (load<u64>(index + (<usize>slot << 3)) != 0) slot = (slot + 1) & mask;
    store<u64>(index + (<usize>slot << 3), (<u64>tag << 32) | (<u64>((entry - entries) >> 3) + 1));
  }
}
