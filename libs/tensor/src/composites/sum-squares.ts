// Σ x², a tensor's share of the global norm by which gradients are clipped.

import type { Composite } from '../composite.ts';
import { multiply, sumAll } from '../operations.ts';

export const sumSquares: Composite = {
  infer: ([x]) => [{ shape: [], dtype: x.dtype }],
  decompose: (b, [x]) => [sumAll(b, multiply(b, x, x))],
};
