// Perplexity under a word trigram model with hashed counts and fixed back-off ("stupid back-off", Brants et al. 2007): how
// much a text reads like the texts that the model was trained on. CCNet filters by such a score from a 5-gram model;
// this one needs no vocabulary and trains in one pass. Scores are comparable only under one model.

import { FeatureList, readFeatures } from './text-features.ts';
import { decodeLearned, encodeLearned } from './learned-file.ts';

export interface NgramModel {
  readonly buckets: number;
  readonly maxWords: number;
  /** Counts of words, pairs and triples, `buckets` each; whole numbers. */
  readonly counts: Float32Array;
  readonly words: number;
}

export interface NgramOptions {
  /** Power of two. */
  readonly buckets?: number;
  readonly maxWords?: number;
}

const kind = 'ngram-model';
const backOff = 0.4;
const lists = [new FeatureList(), new FeatureList()];

/** Words, and a bucket for every n-gram that ends at each word; the first words have fewer. */
function visit(text: string, model: NgramModel, each: (orders: readonly number[]) => void): number {
  const [words, all] = lists;
  readFeatures(text, { buckets: model.buckets, maxWords: model.maxWords, wordNgrams: 1 }, words);
  readFeatures(text, { buckets: model.buckets, maxWords: model.maxWords, wordNgrams: 3 }, all);
  const orders: number[] = [];
  let at = 0;
  for (let w = 0; w < words.count; w++) {
    orders.length = Math.min(w + 1, 3);
    for (let n = 0; n < orders.length; n++) orders[n] = all.buckets[at++] + n * model.buckets;
    each(orders);
  }
  return words.count;
}

export function trainNgramModel(texts: Iterable<string>, options: NgramOptions = {}): NgramModel {
  const { buckets = 1 << 20, maxWords = 20_000 } = options;
  const model = { buckets, maxWords, counts: new Float32Array(buckets * 3), words: 0 };
  for (const text of texts) {
    model.words += visit(text, model, (orders) => {
      // A 32-bit float counts exactly up to 2^24; a count that stops there is still a common word.
      for (const order of orders) model.counts[order]++;
    });
  }
  return model;
}

/**
 * Perplexity of a text: 2 to the mean bits a word. Lower = more like the training texts; the empty text has Infinity.
 * Uses Math.log2, whose last bit may differ between versions of V8: stages round it.
 */
export function perplexity(model: NgramModel, text: string): number {
  let bits = 0;
  let previous: readonly number[] = [];
  const words = visit(text, model, (orders) => {
    bits -= Math.log2(probability(model, orders, previous));
    previous = [...orders];
  });
  return words > 0 ? 2 ** (bits / words) : Infinity;
}

function probability(model: NgramModel, orders: readonly number[], previous: readonly number[]): number {
  let weight = 1;
  for (let n = orders.length - 1; n > 0; n--) {
    const context = model.counts[previous[n - 1]];
    const count = Math.min(model.counts[orders[n]], context);
    if (count > 0) return (weight * count) / context;
    weight *= backOff;
  }
  return (weight * (model.counts[orders[0]] + 1)) / (model.words + model.buckets);
}

export function encodeNgramModel({ buckets, maxWords, counts, words }: NgramModel): Uint8Array {
  return encodeLearned({ kind, header: { buckets, maxWords, words }, numbers: counts });
}

export function decodeNgramModel(bytes: Uint8Array): NgramModel {
  const { header, numbers } = decodeLearned(bytes, kind);
  return {
    buckets: Number(header.buckets),
    maxWords: Number(header.maxWords),
    words: Number(header.words),
    counts: numbers,
  };
}
