// The plain reference of the merge kernel, the merge loop of BPE training: pair counts are kept up to date word by word,
// the most frequent pair comes from a heap whose stale entries are corrected when they reach the top.

export interface CountedWord {
  /** Changed in place as pairs merge. */
  ids: number[];
  readonly count: number;
}

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** Words that hold, or held, the pair. */
  readonly words: Set<number>;
}

/** At most `limit` merges in order; a merge's result gets the id `firstId` + its position. Changes `words`. */
export function mergePairs(
  words: CountedWord[],
  firstId: number,
  limit: number,
  minFrequency: number,
): [left: number, right: number][] {
  const pairs = new Map<number, Pair>();
  const queue = new PairQueue();
  words.forEach((word, index) =>
    forEachPair(word.ids, (left, right) => change(pairs, left, right, word.count, index)),
  );
  for (const pair of pairs.values()) queue.push(pair, pair.count);
  const merges: [number, number][] = [];
  while (merges.length < limit) {
    const best = queue.popCurrent();
    if (!best || best.count < minFrequency) break;
    const merged = firstId + merges.length;
    merges.push([best.left, best.right]);
    const touched = new Set<Pair>();
    for (const index of best.words) mergeInWord(words[index], index, best, merged, pairs, touched);
    pairs.delete(keyOf(best.left, best.right));
    for (const pair of touched) if (pair !== best && pair.count > 0) queue.push(pair, pair.count);
  }
  return merges;
}

const keyOf = (left: number, right: number): number => left * 0x4000000 + right;

function change(pairs: Map<number, Pair>, left: number, right: number, by: number, word: number): Pair {
  const key = keyOf(left, right);
  let pair = pairs.get(key);
  if (!pair) pairs.set(key, (pair = { left, right, count: 0, words: new Set() }));
  pair.count += by;
  if (by > 0) pair.words.add(word);
  return pair;
}

function forEachPair(ids: readonly number[], visit: (left: number, right: number) => void): void {
  for (let i = 0; i + 1 < ids.length; i++) visit(ids[i], ids[i + 1]);
}

/** Replaces the pair in one word, left to right, and corrects the counts of the pairs around it. */
function mergeInWord(
  word: CountedWord,
  index: number,
  { left, right }: Pair,
  merged: number,
  pairs: Map<number, Pair>,
  touched: Set<Pair>,
): void {
  const { ids, count } = word;
  const kept: number[] = [];
  let changed = false;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      kept.push(merged);
      changed = true;
      i++;
    } else kept.push(ids[i]);
  }
  if (!changed) return;
  forEachPair(ids, (a, b) => void touched.add(change(pairs, a, b, -count, index)));
  forEachPair(kept, (a, b) => void touched.add(change(pairs, a, b, count, index)));
  word.ids = kept;
}

/** Greatest count first, then the lesser left id, then the lesser right id. */
class PairQueue {
  readonly #heap: { pair: Pair; count: number }[] = [];

  push(pair: Pair, count: number): void {
    const heap = this.#heap;
    const entry = { pair, count };
    let hole = heap.length;
    heap.push(entry);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[hole] = heap[parent];
      hole = parent;
    }
    heap[hole] = entry;
  }

  /** The most frequent pair. An entry whose count has changed since is put back with its present count. */
  popCurrent(): Pair | undefined {
    for (let top = this.#pop(); top; top = this.#pop()) {
      if (top.count === top.pair.count) return top.pair;
      if (top.pair.count > 0 && top.count > top.pair.count) this.push(top.pair, top.pair.count);
    }
    return undefined;
  }

  #pop(): { pair: Pair; count: number } | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return last;
    let hole = 0;
    for (let child = 1; child < heap.length; child = 2 * hole + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (isBefore(last, heap[child])) break;
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = last;
    return top;
  }
}

function isBefore(a: { pair: Pair; count: number }, b: { pair: Pair; count: number }): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.pair.left !== b.pair.left ? a.pair.left < b.pair.left : a.pair.right < b.pair.right;
}
