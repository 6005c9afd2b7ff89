// Pairs of tokens as an open-addressing hash table of 24 bytes a slot: the pair (left << 32 | right), its count, and the
// list of the words that hold it: address and length. It grows at the top of the arena; what it leaves is not reused.

import { allocate, topAddress, setTop } from './arena';

export const SLOT: usize = 24;
export const EMPTY: u64 = u64.MAX_VALUE;

let table: usize = 0;
let bits: u64 = 0;
let used: u32 = 0;

export function pairCount(): u32 { return used; }
export function tableStart(): usize { return table; }
export function tableEnd(): usize { return table + (SLOT << <usize>bits); }

// @ts-ignore: decorator
@inline
export function keyOf(left: u32, right: u32): u64 { return (<u64>left << 32) | <u64>right; }
export function countAt(pair: usize): u64 { return load<u64>(pair, 8); }
export function listAt(pair: usize): usize { return <usize>load<u32>(pair, 16); }
export function lengthAt(pair: usize): u32 { return load<u32>(pair, 20); }
export function setCount(pair: usize, count: u64): void { store<u64>(pair, count, 8); }
export function setList(pair: usize, list: usize, length: u32): void {
  store<u32>(pair, <u32>list, 16);
  store<u32>(pair, length, 20);
}

/** An empty table at the top of the arena. */
export function openTable(slotBits: u64): void {
  bits = slotBits;
  used = 0;
  table = allocate(SLOT << <usize>bits);
  memory.fill(table, 0xff, SLOT << <usize>bits);
}

/** Moves the table, the last in the arena, down to an address. */
export function moveTable(address: usize): void {
  memory.copy(address, table, topAddress() - table);
  setTop(address + (topAddress() - table));
  table = address;
}

// @ts-ignore: decorator
@inline
function slotOf(key: u64): usize {
  const mixed = (key ^ (key >> 29)) * 0x9e3779b97f4a7c15;
  return table + <usize>(mixed >> (64 - bits)) * SLOT;
}

/** The slot of a pair, or the empty one where it would lie. */
// @ts-ignore: decorator
@inline
function place(key: u64): usize {
  let slot = slotOf(key);
  const end = tableEnd();
  while (true) {
    const other = load<u64>(slot);
    if (other == key || other == EMPTY) return slot;
    slot += SLOT;
    if (slot == end) slot = table;
  }
  return 0;
}

/** Address of the pair, or 0. */
export function findPair(key: u64): usize {
  const slot = place(key);
  return load<u64>(slot) == key ? slot : 0;
}

/** Address of the pair, made where it is new (count and list 0). Addresses of others are void where the table grew. */
// @ts-ignore: decorator
@inline
export function openPair(key: u64): usize {
  const slot = place(key);
  return load<u64>(slot) == key ? slot : makePair(key, slot);
}

function makePair(key: u64, slot: usize): usize {
  let at = slot;
  if (<u64>used * 10 > (<u64>7 << bits)) {
    growTable();
    at = place(key);
  }
  used++;
  store<u64>(at, key);
  store<u64>(at, 0, 8);
  store<u64>(at, 0, 16);
  return at;
}

function growTable(): void {
  const old = table, end = tableEnd(), count = used;
  openTable(bits + 1);
  used = count;
  for (let from = old; from < end; from += SLOT) {
    const key = load<u64>(from);
    if (key == EMPTY) continue;
    const to = place(key);
    store<u64>(to, key);
    store<u64>(to, load<u64>(from, 8), 8);
    store<u64>(to, load<u64>(from, 16), 16);
  }
}
