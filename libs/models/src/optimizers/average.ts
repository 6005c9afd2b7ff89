// An exponential moving average of the weights beside the training (Polyak and Juditsky 1992), kept as one more state,
// so that a run resumes with it bit by bit. It is corrected for its beginning as Adam's moments are: after t updates it
// is Σ dᵗ⁻ⁱ pᵢ ÷ Σ dᵗ⁻ⁱ of the parameters pᵢ so far, and may be taken as a model at any time.

import { operations as o } from '@gristmill/tensor';
import type { Optimizer } from './optimizer.ts';

/** The name of the average among a parameter's states. */
export const averageState = 'average';

/** @param decay d, below 1 */
export function withAverage(optimizer: Optimizer, decay: number): Optimizer {
  return {
    state: (spec) => ({ ...optimizer.state(spec), [averageState]: spec.shape }),
    scalars: (update) => [...optimizer.scalars(update), (1 - decay) / (1 - decay ** update)],
    update(b, inputs) {
      const { [averageState]: average, ...state } = inputs.state;
      const own = inputs.scalars.own.slice(0, -1);
      const share = inputs.scalars.own[own.length];
      const updated = optimizer.update(b, { ...inputs, state, scalars: { ...inputs.scalars, own } });
      const distance = o.subtract(b, updated.parameter, average);
      const next = o.add(b, average, o.multiply(b, distance, share));
      return { ...updated, state: { ...updated.state, [averageState]: next } };
    },
  };
}
