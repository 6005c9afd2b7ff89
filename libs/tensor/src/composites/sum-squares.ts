// Σ x², a tensor's share of the global norm by which gradients are clipped.

import { defineComposite } from '../definition.ts';
import { multiply, sumAll } from '../primitive-operations.ts';
import type { Value } from '../program.ts';

export const sumSquares = defineComposite({
  infer: ([x]) => [{ shape: [], dtype: x.dtype }],
  decompose: (b, [x]) => [sumAll(b, multiply(b, x, x))],
  gradient: (b, { inputs: [x] }, [g]) => [multiply(b, multiply(b, x, 2), g as Value)],
});
