// All ways to cut words into pieces: for each word the pieces that match in it. Words are short (see word-counts.ts), so
// probabilities are added as they are, without logarithms.

import { TokenTrie } from '../models/token-trie.ts';

export interface Lattices {
  /** Adds to `expected` how often each piece is expected in all words, given its probability. */
  expect(probability: Float64Array, expected: Float64Array): void;
  /** How often each piece lies on the likeliest way through a word. */
  countBest(logProbability: Float64Array, pieces: number): Float64Array;
}

/** @param words without characters that are no piece */
export function buildLattices(
  words: readonly (readonly [string, number])[],
  pieces: readonly string[],
): Lattices {
  const trie = new TokenTrie(4 * pieces.length);
  pieces.forEach((piece, id) => trie.set(piece, id));
  const firsts = new Int32Array(words.length + 1);
  const ids: number[] = [];
  const spans: number[] = [];
  words.forEach(([word], index) => {
    firsts[index] = ids.length;
    forEachMatch(trie, word, (start, end, id) => {
      ids.push(id);
      spans.push(start * 256 + end);
    });
  });
  firsts[words.length] = ids.length;
  const matches = { ids: Int32Array.from(ids), spans: Uint16Array.from(spans), firsts };
  return {
    expect: (probability, expected) => expect(words, matches, probability, expected),
    countBest: (logProbability, count) => countBest(words, matches, logProbability, count),
  };
}

function forEachMatch(
  trie: TokenTrie,
  word: string,
  visit: (start: number, end: number, id: number) => void,
): void {
  for (let start = 0; start < word.length; start++) {
    let node = 0;
    for (let end = start; end < word.length;) {
      node = trie.step(node, word.charCodeAt(end++));
      if (node < 0) break;
      if (trie.valueAt(node) >= 0) visit(start, end, trie.valueAt(node));
    }
  }
}

type Words = readonly (readonly [string, number])[];
interface Matches {
  readonly ids: Int32Array;
  /** Start times 256 plus end, in the order of starts. */
  readonly spans: Uint16Array;
  readonly firsts: Int32Array;
}

/** Forward and backward sums (Baum and Welch). */
function expect(
  words: Words,
  { ids, spans, firsts }: Matches,
  probability: Float64Array,
  expected: Float64Array,
): void {
  const forward = new Float64Array(256);
  const backward = new Float64Array(256);
  words.forEach(([word, count], index) => {
    const [first, last] = [firsts[index], firsts[index + 1]];
    forward.fill(0, 0, word.length + 1)[0] = 1;
    backward.fill(0, 0, word.length + 1)[word.length] = 1;
    for (let i = first; i < last; i++)
      forward[spans[i] & 255] += forward[spans[i] >> 8] * probability[ids[i]];
    const scale = count / forward[word.length];
    for (let i = last - 1; i >= first; i--) {
      const through = probability[ids[i]] * backward[spans[i] & 255];
      backward[spans[i] >> 8] += through;
      expected[ids[i]] += forward[spans[i] >> 8] * through * scale;
    }
  });
}

function countBest(
  words: Words,
  { ids, spans, firsts }: Matches,
  logProbability: Float64Array,
  pieces: number,
): Float64Array {
  const counts = new Float64Array(pieces);
  const best = new Float64Array(256);
  const through = new Int32Array(256);
  words.forEach(([word, count], index) => {
    best.fill(-Infinity, 0, word.length + 1)[0] = 0;
    for (let i = firsts[index]; i < firsts[index + 1]; i++) {
      const path = best[spans[i] >> 8] + logProbability[ids[i]];
      if (path <= best[spans[i] & 255]) continue;
      best[spans[i] & 255] = path;
      through[spans[i] & 255] = i;
    }
    for (let end = word.length; end > 0; end = spans[through[end]] >> 8) counts[ids[through[end]]] += count;
  });
  return counts;
}
