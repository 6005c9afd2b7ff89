// AdamW (Loshchilov and Hutter 2019): decay beside the gradient's step. With `scaleByRms` the step, not the decay, is
// relative to each tensor's size, without which T5 diverges under AdamW (Nawrot 2023, nanoT5).

import { operations as o, type Value } from '@gristmill/tensor';
import type { Optimizer, StepScalars } from './optimizer.ts';
import { scaleRate } from './root-mean-square.ts';
import { decayOf, type WeightDecay } from './weight-decay.ts';

export interface MomentOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface AdamWOptions extends MomentOptions, WeightDecay {
  readonly scaleByRms?: boolean;
}

export function createAdamW({
  beta1,
  beta2,
  epsilon,
  scaleByRms = false,
  ...decays
}: AdamWOptions): Optimizer {
  return {
    state: ({ shape }) => ({ m: shape, v: shape }),
    scalars: (step) => biasCorrections(step, { beta1, beta2 }),
    update(b, { spec, parameter, gradient, state, scalars }) {
      const weightDecay = decayOf(spec, decays);
      const { learningRate } = scalars;
      const rate = scaleByRms ? scaleRate(b, learningRate, parameter) : learningRate;
      const packed = packScalars(scalars, rate).map((x) => o.reshape(b, x, [1]));
      const tensors = { parameter, gradient, m: state.m, v: state.v, scalars: o.concat(b, packed, 0) };
      const own = scaleByRms ? 0 : weightDecay;
      const { m, v, ...updated } = o.adamw(b, tensors, { beta1, beta2, epsilon, weightDecay: own });
      if (own === weightDecay) return { parameter: updated.parameter, state: { m, v } };
      const decayed = o.multiply(b, parameter, o.multiply(b, learningRate, weightDecay));
      return { parameter: o.subtract(b, updated.parameter, decayed), state: { m, v } };
    },
  };
}

/** 1 − β₁ᵗ and 1 − β₂ᵗ: in single precision they would be off by 1e-4 at the first steps. */
export function biasCorrections(step: number, { beta1, beta2 }: Pick<MomentOptions, 'beta1' | 'beta2'>) {
  return [1 - beta1 ** step, 1 - beta2 ** step];
}

/** In the order of the composite `adamw`. */
function packScalars({ own, scale }: StepScalars, rate: Value): Value[] {
  return [rate, ...own, scale];
}
