// The size of a tensor as Adafactor knows it.

import { operations as o, sizeOf, type Builder, type Value } from '@gristmill/tensor';

/** √(mean of squares), f32 []. */
export function rootMeanSquare(b: Builder, x: Value): Value {
  return o.sqrt(b, o.multiply(b, o.sumSquares(b, x), 1 / sizeOf(x.shape)));
}

/** A parameter that is all but zero still moves: its size counts as this at least (Shazeer and Stern 2018, ε₂). */
const leastSize = 1e-3;

/** The learning rate relative to the parameter's size: rate · max(10⁻³, RMS of the parameter). */
export function scaleRate(b: Builder, rate: Value, parameter: Value): Value {
  return o.multiply(b, rate, o.maximum(b, rootMeanSquare(b, parameter), leastSize));
}
