// Applies merges to one pretoken: always the pair of lowest rank, leftmost first. Short pieces are scanned, long ones
// keep their pairs in a heap, so that a million letters without a space take n log n steps and not n².

import type { MergeTable } from './merge-table.ts';

const scanLimit = 48;
const none = 0x7fffffff;

/**
 * Merges `ids` in place and returns how many remain at its front.
 * @param ids tokens of single bytes (or characters), in order
 */
export function mergePiece(ids: Int32Array, length: number, merges: MergeTable): number {
  return length <= scanLimit ? mergeByScan(ids, length, merges) : mergeByHeap(ids, length, merges);
}

function mergeByScan(ids: Int32Array, length: number, merges: MergeTable): number {
  for (;;) {
    let best = none;
    let at = -1;
    let bestSlot = -1;
    for (let i = 0; i + 1 < length; i++) {
      const slot = merges.find(ids[i], ids[i + 1]);
      if (slot < 0 || merges.rankAt(slot) >= best) continue;
      best = merges.rankAt(slot);
      at = i;
      bestSlot = slot;
    }
    if (at < 0) return length;
    ids[at] = merges.mergedAt(bestSlot);
    ids.copyWithin(at + 1, at + 2, length);
    length--;
  }
}

/** A binary heap of (rank, position), smallest first; entries whose pair has changed since are skipped. */
function mergeByHeap(ids: Int32Array, length: number, merges: MergeTable): number {
  const next = new Int32Array(length);
  const previous = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    next[i] = i + 1 < length ? i + 1 : -1;
    previous[i] = i - 1;
  }
  const heap = createHeap(3 * length);
  const propose = (left: number): void => {
    if (left < 0 || next[left] < 0) return;
    const slot = merges.find(ids[left], ids[next[left]]);
    if (slot >= 0) heap.push(merges.rankAt(slot), left);
  };
  for (let i = 0; i + 1 < length; i++) propose(i);
  while (heap.size() > 0) {
    const rank = heap.topRank();
    const left = heap.pop();
    const right = ids[left] < 0 ? -1 : next[left];
    const slot = right < 0 ? -1 : merges.find(ids[left], ids[right]);
    if (slot < 0 || merges.rankAt(slot) !== rank) continue;
    ids[left] = merges.mergedAt(slot);
    ids[right] = -1;
    next[left] = next[right];
    if (next[right] >= 0) previous[next[right]] = left;
    propose(previous[left]);
    propose(left);
  }
  let kept = 0;
  for (let i = 0; i >= 0 && i < length; i = next[i]) ids[kept++] = ids[i];
  return kept;
}

interface Heap {
  size(): number;
  topRank(): number;
  push(rank: number, position: number): void;
  /** The position of the smallest entry. */
  pop(): number;
}

function createHeap(capacity: number): Heap {
  const ranks = new Int32Array(capacity);
  const positions = new Int32Array(capacity);
  let size = 0;
  const isBefore = (rank: number, position: number, other: number): boolean =>
    rank < ranks[other] || (rank === ranks[other] && position < positions[other]);
  return {
    size: () => size,
    topRank: () => ranks[0],
    push(rank, position) {
      let hole = size++;
      while (hole > 0) {
        const parent = (hole - 1) >> 1;
        if (!isBefore(rank, position, parent)) break;
        ranks[hole] = ranks[parent];
        positions[hole] = positions[parent];
        hole = parent;
      }
      ranks[hole] = rank;
      positions[hole] = position;
    },
    pop() {
      const top = positions[0];
      const rank = ranks[--size];
      const position = positions[size];
      let hole = 0;
      for (let child = 1; child < size; child = 2 * hole + 1) {
        if (child + 1 < size && isBefore(ranks[child + 1], positions[child + 1], child)) child++;
        if (isBefore(rank, position, child)) break;
        ranks[hole] = ranks[child];
        positions[hole] = positions[child];
        hole = child;
      }
      ranks[hole] = rank;
      positions[hole] = position;
      return top;
    },
  };
}
