// Adafactor (Shazeer and Stern 2018), T5's optimiser: of a matrix it keeps the means of squared gradients by row and by
// column, whose product stands for all of them; the update is clipped by its own size, and the learning rate is relative
// to the parameter's. T5's relative step, 1 / √max(t, 10⁴), is the schedule inverse-sqrt.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ParameterSpec } from '../language-model.ts';
import type { Optimizer } from './optimizer.ts';
import { rootMeanSquare, scaleRate } from './root-mean-square.ts';
import { decayOf, type WeightDecay } from './weight-decay.ts';

export interface AdafactorOptions extends WeightDecay {
  /** The decay of the second moment at update t is 1 − t^−decayRate. */
  readonly decayRate: number;
  /** The update's root mean square is at most this. */
  readonly updateClip: number;
  /** Momentum of the update; 0: none, and no state for it. */
  readonly beta1: number;
  /** The learning rate is relative to each parameter's size. */
  readonly scaleByRms: boolean;
}

/** Added to squares, so that a gradient of zero can be divided by. */
const leastSquare = 1e-30;

export function createAdafactor(options: AdafactorOptions): Optimizer {
  const { decayRate, updateClip, beta1, scaleByRms, ...decays } = options;
  return {
    state: (spec) => ({ ...describeSquares(spec), ...(beta1 === 0 ? {} : { m: spec.shape }) }),
    scalars: (step) => [1 - step ** -decayRate],
    update(b, { spec, parameter, gradient, state, scalars }) {
      const scaled = o.multiply(b, gradient, scalars.scale);
      const { direction, squares } = divideBySize(b, scaled, state, scalars.own[0]);
      const excess = o.maximum(b, o.multiply(b, rootMeanSquare(b, direction), 1 / updateClip), 1);
      const rate = scaleByRms ? scaleRate(b, scalars.learningRate, parameter) : scalars.learningRate;
      const step = o.multiply(b, direction, o.divide(b, rate, excess));
      const m =
        beta1 === 0 ? undefined : o.add(b, o.multiply(b, state.m, beta1), o.multiply(b, step, 1 - beta1));
      const decay = o.multiply(b, parameter, o.multiply(b, rate, decayOf(spec, decays)));
      const kept = o.subtract(b, parameter, decay);
      return { parameter: o.subtract(b, kept, m ?? step), state: { ...squares, ...(m && { m }) } };
    },
  };
}

function describeSquares({ shape }: ParameterSpec): Record<string, readonly number[]> {
  if (shape.length < 2) return { v: shape };
  return { rows: [...shape.slice(0, -1), 1], columns: [...shape.slice(0, -2), 1, shape[shape.length - 1]] };
}

/** The gradient over the root of its mean square, and the new means. */
function divideBySize(
  b: Builder,
  gradient: Value,
  state: Readonly<Record<string, Value>>,
  decay: Value,
): { direction: Value; squares: Record<string, Value> } {
  const square = o.add(b, o.multiply(b, gradient, gradient), leastSquare);
  const rest = o.subtract(b, 1, decay);
  const mix = (kept: Value, now: Value) => o.add(b, o.multiply(b, kept, decay), o.multiply(b, now, rest));
  const rank = gradient.shape.length;
  if (rank < 2) {
    const v = mix(state.v, square);
    return { direction: o.multiply(b, gradient, o.rsqrt(b, v)), squares: { v } };
  }
  const rows = mix(state.rows, o.mean(b, square, [rank - 1]));
  const columns = mix(state.columns, o.mean(b, square, [rank - 2]));
  const ofRow = o.rsqrt(b, o.divide(b, rows, o.mean(b, rows, [rank - 2])));
  const factors = o.matmul(b, ofRow, o.rsqrt(b, columns));
  return { direction: o.multiply(b, gradient, factors), squares: { rows, columns } };
}
