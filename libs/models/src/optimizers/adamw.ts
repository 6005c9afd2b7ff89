// AdamW (Loshchilov and Hutter 2019). Weight decay acts on tables and matrices, not on vectors (GPT-2's convention).

import { operations as o } from '@gristmill/tensor';
import type { Optimizer } from './optimizer.ts';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export function createAdamW({ beta1, beta2, epsilon, weightDecay }: AdamWOptions): Optimizer {
  return {
    state: ({ shape }) => ({ m: shape, v: shape }),
    // Bias corrections: in single precision 1 − β2^t would be off by 1e-4 at the first steps.
    scalars: (step) => [1 - beta1 ** step, 1 - beta2 ** step],
    update(b, { spec, parameter, gradient, state, scalars }) {
      const packed = [scalars.learningRate, ...scalars.own, scalars.scale].map((x) => o.reshape(b, x, [1]));
      const inputs = [parameter, gradient, state.m, state.v, o.concat(b, packed, 0)];
      const decay = spec.role === 'vector' ? 0 : weightDecay;
      const updated = b.applyAll('adamw', inputs, { beta1, beta2, epsilon, weightDecay: decay });
      return { parameter: updated[0], state: { m: updated[1], v: updated[2] } };
    },
  };
}
