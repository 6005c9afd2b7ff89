// BLEU (Papineni et al. 2002) of a corpus, its n-gram precisions smoothed as mteval-v13a does (method 3 of Chen and
// Cherry 2014). Equal to sacreBLEU (Post 2018).

import { formatFixed } from './format-fixed.ts';
import { countMatches, countNgrams, mergeCounts } from './ngrams.ts';
import { countReferences, sacrebleuVersion, type MetricResult, type Segment } from './segment.ts';
import { tokenizers, type TokenizerName } from './tokenizers.ts';
import { trimEnd } from './words.ts';

export interface BleuOptions {
  /** Default 13a. */
  readonly tokenizer?: TokenizerName;
  readonly lowercase?: boolean;
}

export interface BleuCounts {
  readonly length: number;
  readonly referenceLength: number;
  /** By order, from 1. */
  readonly correct: readonly number[];
  readonly total: readonly number[];
}

const orders = [1, 2, 3, 4];

export function measureBleu(segments: readonly Segment[], options: BleuOptions = {}): MetricResult {
  const { tokenizer = '13a', lowercase = false } = options;
  const cut = (text: string) => tokenizers[tokenizer](trimEnd(lowercase ? text.toLowerCase() : text));
  const counts = segments.map(({ hypothesis, references }) =>
    countBleu(cut(hypothesis), references.map(cut)),
  );
  const { score, verbose } = scoreBleu(addCounts(counts));
  const words = `case:${lowercase ? 'lc' : 'mixed'}|eff:no|tok:${tokenizer}|smooth:exp`;
  const signature = `nrefs:${countReferences(segments)}|${words}|version:${sacrebleuVersion}`;
  return { metric: 'bleu', score, signature, verbose };
}

/** @param words of a hypothesis, and of its references */
export function countBleu(words: readonly string[], references: readonly (readonly string[])[]): BleuCounts {
  const matches = (n: number) =>
    countMatches(
      countNgrams(words, n),
      mergeCounts(references.map((reference) => countNgrams(reference, n))),
    );
  return {
    length: words.length,
    referenceLength: findClosest(
      words.length,
      references.map(({ length }) => length),
    ),
    correct: orders.map(matches),
    total: orders.map((n) => Math.max(0, words.length - n + 1)),
  };
}

/** Of two that are equally close the shorter one. */
function findClosest(length: number, lengths: readonly number[]): number {
  return lengths.reduce((best, other) => {
    const [distance, least] = [Math.abs(other - length), Math.abs(best - length)];
    return distance < least || (distance === least && other < best) ? other : best;
  });
}

function addCounts(all: readonly BleuCounts[]): BleuCounts {
  const sum = (of: (counts: BleuCounts) => number) => all.reduce((total, counts) => total + of(counts), 0);
  return {
    length: sum(({ length }) => length),
    referenceLength: sum(({ referenceLength }) => referenceLength),
    correct: orders.map((_, i) => sum(({ correct }) => correct[i])),
    total: orders.map((_, i) => sum(({ total }) => total[i])),
  };
}

function scoreBleu({ length, referenceLength, correct, total }: BleuCounts) {
  const penalty = length >= referenceLength ? 1 : length > 0 ? Math.exp(1 - referenceLength / length) : 0;
  const precisions = smoothPrecisions(correct, total);
  const logs = precisions.map((precision) => (precision === 0 ? -9999999999 : Math.log(precision)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / orders.length;
  const isZero = correct.every((count) => count === 0);
  const ratio = referenceLength > 0 ? length / referenceLength : 0;
  return {
    score: isZero ? 0 : penalty * Math.exp(mean),
    verbose:
      `${precisions.map((precision) => formatFixed(precision, 1)).join('/')} (BP = ${formatFixed(penalty, 3)} ` +
      `ratio = ${formatFixed(ratio, 3)} hyp_len = ${length} ref_len = ${referenceLength})`,
  };
}

/** In percent. Each order without a match counts half of what the one before it would; none does where nothing matches. */
function smoothPrecisions(correct: readonly number[], total: readonly number[]): number[] {
  if (correct.every((count) => count === 0)) return orders.map(() => 0);
  let smoothing = 1;
  return orders.map((_, i) => {
    if (total[i] === 0) return 0; // so are all longer ones
    if (correct[i] > 0) return (100 * correct[i]) / total[i];
    smoothing *= 2;
    return 100 / (smoothing * total[i]);
  });
}
