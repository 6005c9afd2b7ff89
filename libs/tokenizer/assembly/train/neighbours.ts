// What one merge of (a, b) meets: the tokens before and behind it, how often, and in which words. All pairs of the new
// token are born here, and only the pairs (c, a) and (b, d) lose; so a merge looks up each neighbour once, not each place.

import { allocate, reach } from './arena';
import { openPair, setCount, setList } from './pair-table';
import { pushPair } from './pair-heap';

// A record a token: count, number of events, place for the next word in its list (0 = no list). Before, then behind.
const RECORD: usize = 16;
let records: usize = 0, touched: usize = 0;
let touchedCount: usize = 0;
let tokens: u32 = 0;
let events: usize = 0, eventsEnd: usize = 0;

/** Bytes needed for `count` tokens at `address`. */
export function openNeighbours(address: usize, count: u32): usize {
  tokens = count;
  records = address;
  touched = address + 2 * RECORD * <usize>count;
  const end = touched + 8 * <usize>count;
  reach(end);
  memory.fill(address, 0, end - address);
  return end - address;
}

/** Events of a merge: at most two an occurrence. */
export function openEvents(occurrences: usize): void {
  events = allocate(occurrences * 16 + 16);
  eventsEnd = events;
}

/** @param side 0 before, 1 behind */
// @ts-ignore: decorator
@inline
export function meet(token: u32, side: u32, word: usize, count: u64): void {
  const number = side * tokens + token;
  const record = records + <usize>number * RECORD;
  const met = load<u32>(record, 8);
  if (met == 0) store<u32>(touched + (touchedCount++ << 2), number);
  store<u64>(record, load<u64>(record) + count);
  store<u32>(record, met + 1, 8);
  store<u32>(eventsEnd, <u32>word);
  store<u32>(eventsEnd, number, 4);
  eventsEnd += 8;
}

export function metCount(): usize { return touchedCount; }
export function metNumber(i: usize): u32 { return load<u32>(touched + (i << 2)); }
export function metTimes(number: u32): u64 { return load<u64>(records + <usize>number * RECORD); }
export function isBehind(number: u32): bool { return number >= tokens; }
export function tokenOf(number: u32): u32 { return number >= tokens ? number - tokens : number; }

/** Makes the pair of a neighbour and the new token, with room for its words. */
export function bear(number: u32, key: u64): void {
  const record = records + <usize>number * RECORD;
  const length = load<u32>(record, 8), count = load<u64>(record);
  const list = allocate(<usize>length << 2);
  const pair = openPair(key);
  setCount(pair, count);
  setList(pair, list, length);
  pushPair(count, key);
  store<u32>(record, <u32>list, 12);
}

/** Puts every word met into the lists of the pairs that were born, and forgets all. */
export function spread(): void {
  for (let event = events; event < eventsEnd; event += 8) {
    const record = records + <usize>load<u32>(event, 4) * RECORD;
    const place = <usize>load<u32>(record, 12);
    if (place == 0) continue;
    store<u32>(place, load<u32>(event));
    store<u32>(record, <u32>place + 4, 12);
  }
  eventsEnd = events;
  for (let i: usize = 0; i < touchedCount; i++) {
    const record = records + <usize>metNumber(i) * RECORD;
    store<u64>(record, 0);
    store<u64>(record, 0, 8);
  }
  touchedCount = 0;
}
