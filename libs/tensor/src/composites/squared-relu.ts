// ReLU², max(x, 0)² (So et al. 2021): the feed-forward of nanochat.

import { defineComposite } from '../definition.ts';
import { maximum, multiply } from '../primitive-operations.ts';
import type { Value } from '../program.ts';

export const squaredRelu = defineComposite({
  infer: ([x]) => [x],
  decompose: (b, [x]) => {
    const positive = maximum(b, x, 0);
    return [multiply(b, positive, positive)];
  },
  gradient: (b, { inputs: [x] }, [g]) => [b.apply('squaredReluBackward', [x, g as Value])],
});

/** Inputs x and the output's gradient; gives the gradient of x. */
export const squaredReluBackward = defineComposite({
  infer: ([x]) => [x],
  decompose: (b, [x, g]) => [multiply(b, multiply(b, maximum(b, x, 0), 2), g)],
});
