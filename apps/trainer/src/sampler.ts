// Drawing the next token from logits: what was written before made less likely (Keskar et al. 2019), temperature, then the
// k likeliest (Fan et al. 2018), then the smallest set of probability p (Holtzman et al. 2020), then those that have a share
// of the likeliest one's probability (Nguyen et al. 2024). Draws are Philox bits of (seed, position): the same seed gives
// the same text.

import { philox4x32 } from '@gristmill/tensor';

export interface SamplingOptions {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** 0: all. */
  readonly topK: number;
  /** 1: all. */
  readonly topP: number;
  /** Least probability, as a share of the likeliest token's. Default 0: all. */
  readonly minP?: number;
  readonly seed: number;
}

/** A uniform number in [0, 1) for the n-th token drawn. */
export function drawUniform(seed: number, n: number): number {
  return philox4x32([n, 0, 0, 0], [seed >>> 0, 0x53414d50])[0] / 2 ** 32;
}

/** The token drawn with `uniform` in [0, 1). Equal logits rank by the lower token. */
export function sampleToken(logits: ArrayLike<number>, options: SamplingOptions, uniform: number): number {
  const top = likeliestToken(logits);
  if (options.temperature === 0) return top;
  const kept = keepLikeliest(logits, options.topK);
  const weights = new Float64Array(kept.length);
  let total = 0;
  for (let i = 0; i < kept.length; i++) {
    weights[i] = Math.exp((logits[kept[i]] - logits[top]) / options.temperature);
    total += weights[i];
  }
  const { topP, minP = 0 } = options;
  return drawRanked(kept, weights, uniform, { total, share: Math.min(1, topP), least: minP });
}

/** Divides the logits of tokens that were written by the penalty, multiplies them where they are negative. */
export function penaliseRepeated(
  logits: Float32Array | Float64Array,
  tokens: Iterable<number>,
  penalty: number,
): void {
  if (penalty === 1) return;
  for (const token of new Set(tokens))
    logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
}

/** The first of the greatest. */
export function likeliestToken(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** The k likeliest tokens in ascending order; all for k = 0. Found by selection, without sorting the vocabulary. */
function keepLikeliest(logits: ArrayLike<number>, k: number): Int32Array {
  if (k === 0 || k >= logits.length) return Int32Array.from({ length: logits.length }, (_, i) => i);
  const threshold = findKthLargest(Float64Array.from(logits), k);
  const kept = new Int32Array(k);
  let above = 0;
  for (let i = 0; i < logits.length; i++) if (logits[i] > threshold) above++;
  let equals = k - above; // of those equal to the threshold, the lowest tokens
  for (let i = 0, n = 0; i < logits.length && n < k; i++)
    if (logits[i] > threshold || (logits[i] === threshold && equals-- > 0)) kept[n++] = i;
  return kept;
}

/** Hoare's selection (1961); the array is rearranged. */
function findKthLargest(values: Float64Array, k: number): number {
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const pivot = values[(from + to) >> 1];
    let [i, j] = [from, to];
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      [values[i], values[j]] = [values[j], values[i]];
      i++;
      j--;
    }
    if (k - 1 <= j) to = j;
    else if (k - 1 >= i) from = i;
    else break;
  }
  return values[k - 1];
}

/**
 * Goes down the ranking, likeliest first, until the draw falls. Only as much of it is sorted as is needed: a heap gives
 * the next one, and a draw seldom goes far.
 */
function drawRanked(
  tokens: Int32Array,
  weights: Float64Array,
  uniform: number,
  { total, share, least }: { total: number; share: number; least: number },
): number {
  const isCut = share < 1 || least > 0;
  const nucleus = isCut
    ? measureNucleus(weights, share < 1 ? total * share : Infinity, least)
    : { weight: total, size: weights.reduce((count, weight) => (weight > 0 ? count + 1 : count), 0) };
  const next = createRanking(weights);
  let left = uniform * nucleus.weight;
  let token = tokens[0];
  for (let n = 0; n < nucleus.size && left >= 0; n++) {
    const index = next();
    token = tokens[index];
    left -= weights[index];
  }
  return token;
}

/** The smallest set of the likeliest that has at least the weight `wanted`, without those that weigh less than `least`. */
function measureNucleus(
  weights: Float64Array,
  wanted: number,
  least: number,
): { weight: number; size: number } {
  const next = createRanking(weights);
  let weight = 0;
  let size = 0;
  while (size < weights.length && (size === 0 || weight < wanted)) {
    const one = weights[next()];
    if (size > 0 && (one < least || one === 0)) break;
    weight += one;
    size++;
  }
  return { weight, size };
}

/** Gives indices by descending weight, equal ones by ascending index, as long as there are any. */
function createRanking(weights: Float64Array): () => number {
  const heap = Int32Array.from(weights, (_, i) => i);
  let size = heap.length;
  const isBefore = (a: number, b: number) => weights[a] > weights[b] || (weights[a] === weights[b] && a < b);
  const sink = (at: number) => {
    const moved = heap[at];
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], moved)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moved;
  };
  for (let i = (size >> 1) - 1; i >= 0; i--) sink(i);
  return () => {
    const first = heap[0];
    heap[0] = heap[--size];
    if (size > 0) sink(0);
    return first;
  };
}
