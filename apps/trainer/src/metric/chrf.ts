// chrF (Popović 2015) of a corpus: F₂ of character n-grams up to six, and with a word order chrF++ (2017). The orders'
// precisions and recalls are averaged over those that both sides have. Equal to sacreBLEU.

import { countMatches, countNgrams, type Counts } from './ngrams.ts';
import { countReferences, sacrebleuVersion, type MetricResult, type Segment } from './segment.ts';
import { splitWords } from './words.ts';

export interface ChrfOptions {
  /** Longest n-gram of words. Default 0. */
  readonly wordOrder?: number;
  readonly lowercase?: boolean;
}

/** Of an order: n-grams of the hypothesis, of the reference, and of both. */
type OrderCounts = readonly [hypothesis: number, reference: number, matches: number];

const charOrder = 6;
const beta = 2;

export function measureChrf(segments: readonly Segment[], options: ChrfOptions = {}): MetricResult {
  const { wordOrder = 0, lowercase = false } = options;
  const count = (text: string) => countOrders(lowercase ? text.toLowerCase() : text, wordOrder);
  const sums = Array.from({ length: charOrder + wordOrder }, (): OrderCounts => [0, 0, 0]);
  for (const { hypothesis, references } of segments) {
    const ours = count(hypothesis);
    const best = findBest(references.map((reference) => compareOrders(ours, count(reference))));
    best.forEach((counts, i) => (sums[i] = add(sums[i], counts)));
  }
  const words = `case:${lowercase ? 'lc' : 'mixed'}|eff:yes|nc:${charOrder}|nw:${wordOrder}|space:no`;
  const signature = `nrefs:${countReferences(segments)}|${words}|version:${sacrebleuVersion}`;
  return { metric: 'chrf', score: scoreOrders(sums), signature };
}

const add = (a: OrderCounts, b: OrderCounts): OrderCounts => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

function countOrders(text: string, wordOrder: number): Counts[] {
  const characters = Array.from(splitWords(text).join(''));
  const words = wordOrder > 0 ? splitWords(text).flatMap(splitMark) : [];
  return [
    ...Array.from({ length: charOrder }, (_, i) => countNgrams(characters, i + 1, '')),
    ...Array.from({ length: wordOrder }, (_, i) => countNgrams(words, i + 1, ' ')),
  ];
}

const mark = /^[!-/:-@[-`{-~]$/;

/** A mark at a word's end is a word, else one at its beginning. */
function splitMark(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length === 1) return [word];
  if (mark.test(characters.at(-1)!)) return [characters.slice(0, -1).join(''), characters.at(-1)!];
  return mark.test(characters[0]) ? [characters[0], characters.slice(1).join('')] : [word];
}

function compareOrders(ours: readonly Counts[], theirs: readonly Counts[]): OrderCounts[] {
  return ours.map((counts, i) => {
    const reference = sumOf(theirs[i]);
    return [reference > 0 ? sumOf(counts) : 0, reference, countMatches(counts, theirs[i])];
  });
}

const sumOf = (counts: Counts) => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** The first of those with the greatest score. */
function findBest(candidates: readonly OrderCounts[][]): OrderCounts[] {
  const scores = candidates.map(scoreOrders);
  return candidates[scores.indexOf(Math.max(...scores))];
}

function scoreOrders(orders: readonly OrderCounts[]): number {
  const both = orders.filter(([hypothesis, reference]) => hypothesis > 0 && reference > 0);
  if (both.length === 0) return 0;
  const precision = both.reduce((sum, [ours, , matches]) => sum + matches / ours, 0) / both.length;
  const recall = both.reduce((sum, [, theirs, matches]) => sum + matches / theirs, 0) / both.length;
  if (precision + recall === 0) return 0;
  const factor = beta ** 2;
  return 100 * (((1 + factor) * precision * recall) / (factor * precision + recall));
}
