// Drawing the next token from logits: temperature, then the k likeliest (Fan et al. 2018), then the smallest set of
// probability p (Holtzman et al. 2020). Draws are Philox bits of (seed, position): the same seed gives the same text.

import { philox4x32 } from '@gristmill/tensor';

export interface SamplingOptions {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** 0: all. */
  readonly topK: number;
  /** 1: all. */
  readonly topP: number;
  readonly seed: number;
}

/** A uniform number in [0, 1) for the n-th token drawn. */
export function drawUniform(seed: number, n: number): number {
  return philox4x32([n, 0, 0, 0], [seed >>> 0, 0x53414d50])[0] / 2 ** 32;
}

/** The token drawn with `uniform` in [0, 1). Equal logits rank by the lower token. */
export function sampleToken(logits: ArrayLike<number>, options: SamplingOptions, uniform: number): number {
  const order = Array.from({ length: logits.length }, (_, i) => i);
  order.sort((a, b) => logits[b] - logits[a] || a - b);
  if (options.temperature === 0) return order[0];
  const kept = options.topK > 0 ? order.slice(0, options.topK) : order;
  const weights = kept.map((token) => Math.exp((logits[token] - logits[kept[0]]) / options.temperature));
  const nucleus = countNucleus(weights, options.topP);
  const total = weights.slice(0, nucleus).reduce((sum, weight) => sum + weight, 0);
  let left = uniform * total;
  for (let i = 0; i < nucleus; i++) {
    left -= weights[i];
    if (left < 0) return kept[i];
  }
  return kept[nucleus - 1];
}

/** How many of the weights, largest first, are needed for the share p; at least one. */
function countNucleus(weights: readonly number[], topP: number): number {
  const wanted = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let sofar = 0;
  for (let i = 0; i < weights.length; i++) {
    sofar += weights[i];
    if (sofar >= wanted) return i + 1;
  }
  return weights.length;
}
