// Intervals by resampling items (Efron 1979): the middle 95 of 100 values of a measure over samples of the items, drawn with
// replacement. Drawn from a seed, so the same items give the same interval.

import { createRandom } from '@gristmill/core';

export interface BootstrapOptions {
  /** Default 1,000. */
  readonly resamples?: number;
  /** Default 1234. */
  readonly seed?: number;
}

/** @returns undefined for fewer than two items, or none resamples */
export function findInterval<Item>(
  items: readonly Item[],
  measure: (items: readonly Item[]) => number,
  { resamples = 1000, seed = 1234 }: BootstrapOptions = {},
): readonly [low: number, high: number] | undefined {
  if (items.length < 2 || resamples === 0) return undefined;
  const random = createRandom(seed);
  const draw = () => items[Math.floor(random() * items.length)];
  const values = Array.from({ length: resamples }, () => measure(items.map(draw))).sort((a, b) => a - b);
  const tail = Math.floor(resamples / 40);
  return [values[tail], values[resamples - 1 - tail]];
}
