// Adam (Kingma and Ba 2015) with decay as an L2 penalty, in the gradient and so divided by its size, as in
// torch.optim.Adam.

import { operations as o } from '@gristmill/tensor';
import { biasCorrections, type MomentOptions } from './adamw.ts';
import type { Optimizer } from './optimizer.ts';
import { decayOf, type WeightDecay } from './weight-decay.ts';

export function createAdam({ beta1, beta2, epsilon, ...decays }: MomentOptions & WeightDecay): Optimizer {
  return {
    state: ({ shape }) => ({ m: shape, v: shape }),
    scalars: (step) => biasCorrections(step, { beta1, beta2 }),
    update(b, { spec, parameter, gradient, state, scalars: { learningRate, own, scale } }) {
      const penalty = o.multiply(b, parameter, decayOf(spec, decays));
      const whole = o.add(b, o.multiply(b, gradient, scale), penalty);
      const packed = [learningRate, ...own, o.constant(b, 1)].map((x) => o.reshape(b, x, [1]));
      const { m, v, ...updated } = o.adamw(
        b,
        { parameter, gradient: whole, m: state.m, v: state.v, scalars: o.concat(b, packed, 0) },
        { beta1, beta2, epsilon, weightDecay: 0 },
      );
      return { parameter: updated.parameter, state: { m, v } };
    },
  };
}
