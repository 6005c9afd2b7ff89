// Learning rates of tables and heads beside the others', as nanochat has them: the scheduled one times a factor.

import { operations as o } from '@gristmill/tensor';
import type { ParameterRole } from '../language-model.ts';
import type { Optimizer } from './optimizer.ts';

/** Default 1 each. */
export type RateFactors = Readonly<Partial<Record<ParameterRole, number>>>;

export const withRates = (optimizer: Optimizer, factors: RateFactors): Optimizer => ({
  ...optimizer,
  update(b, inputs) {
    const factor = factors[inputs.spec.role] ?? 1;
    if (factor === 1) return optimizer.update(b, inputs);
    const learningRate = o.multiply(b, inputs.scalars.learningRate, factor);
    return optimizer.update(b, { ...inputs, scalars: { ...inputs.scalars, learningRate } });
  },
});
