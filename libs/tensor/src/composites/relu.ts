// ReLU, max(x, 0): the feed-forward of the Transformer and of T5. Its slope at 0 is 0.

import { defineComposite } from '../definition.ts';
import { less, maximum, select } from '../primitive-operations.ts';
import type { Value } from '../program.ts';

export const relu = defineComposite({
  infer: ([x]) => [x],
  decompose: (b, [x]) => [maximum(b, x, 0)],
  gradient: (b, { inputs: [x] }, [g]) => [b.apply('reluBackward', [x, g as Value])],
});

/** Inputs x and the output's gradient; gives the gradient of x. */
export const reluBackward = defineComposite({
  infer: ([x]) => [x],
  decompose: (b, [x, g]) => [select(b, less(b, 0, x), g, 0)],
});
