// Stochastic gradient descent with momentum, Nesterov's where asked for, as torch.optim.SGD writes it (no dampening):
// the decay is in the gradient, the learning rate outside the momentum.

import { operations as o } from '@gristmill/tensor';
import type { Optimizer, Updated } from './optimizer.ts';
import { decayOf, type WeightDecay } from './weight-decay.ts';

export interface SgdOptions extends WeightDecay {
  /** 0: none, and no state. */
  readonly momentum: number;
  /** Steps along the gradient and the momentum that it gives. */
  readonly nesterov?: boolean;
}

export function createSgd({ momentum, nesterov = false, ...decays }: SgdOptions): Optimizer {
  return {
    state: ({ shape }): Record<string, readonly number[]> => (momentum === 0 ? {} : { m: shape }),
    scalars: () => [],
    update(b, { spec, parameter, gradient, state, scalars: { learningRate, scale } }): Updated {
      const penalty = o.multiply(b, parameter, decayOf(spec, decays));
      const whole = o.add(b, o.multiply(b, gradient, scale), penalty);
      const step = (direction: typeof whole) =>
        o.subtract(b, parameter, o.multiply(b, direction, learningRate));
      if (momentum === 0) return { parameter: step(whole), state: {} };
      const m = o.add(b, o.multiply(b, state.m, momentum), whole);
      const direction = nesterov ? o.add(b, whole, o.multiply(b, m, momentum)) : m;
      return { parameter: step(direction), state: { m } };
    },
  };
}
