// Pairs by count, greatest first, then by the lesser left and the lesser right token, as in Hugging Face's trainer. An
// entry (count, pair) may be stale: counts only sink, so the present count is never above an entry's.

import { allocate } from './arena';

let heap: usize = 0;
let size: usize = 0, room: usize = 0;

export function openHeap(capacity: usize): void {
  heap = allocate(capacity << 4);
  room = capacity;
  size = 0;
}

export function heapSize(): usize { return size; }
export function topCount(): u64 { return load<u64>(heap); }
export function topKey(): u64 { return load<u64>(heap, 8); }

export function pushPair(count: u64, key: u64): void {
  if (size == room) growHeap();
  let hole = size++;
  while (hole > 0) {
    const parent = (hole - 1) >> 1, above = heap + (parent << 4);
    if (!isBefore(count, key, above)) break;
    move(above, hole);
    hole = parent;
  }
  write(hole, count, key);
}

export function popPair(): void {
  const last = heap + (--size << 4);
  const count = load<u64>(last), key = load<u64>(last, 8);
  let hole: usize = 0;
  for (let child: usize = 1; child < size; child = 2 * hole + 1) {
    let below = heap + (child << 4);
    if (child + 1 < size && isBefore(load<u64>(below, 16), load<u64>(below, 24), below)) {
      child++;
      below += 16;
    }
    if (isBefore(count, key, below)) break;
    move(below, hole);
    hole = child;
  }
  write(hole, count, key);
}

// @ts-ignore: decorator
@inline
function isBefore(count: u64, key: u64, other: usize): bool {
  const otherCount = load<u64>(other);
  return count > otherCount || (count == otherCount && key < load<u64>(other, 8));
}

// @ts-ignore: decorator
@inline
function move(from: usize, hole: usize): void {
  write(hole, load<u64>(from), load<u64>(from, 8));
}

// @ts-ignore: decorator
@inline
function write(hole: usize, count: u64, key: u64): void {
  store<u64>(heap + (hole << 4), count);
  store<u64>(heap + (hole << 4), key, 8);
}

function growHeap(): void {
  const old = heap;
  room = 2 * room + 64;
  heap = allocate(room << 4);
  memory.copy(heap, old, size << 4);
}
