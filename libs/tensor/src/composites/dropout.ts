// Dropout (Srivastava et al. 2014): elements are set to zero with probability `rate`, the others scaled by
// 1/(1 − rate). The mask is Philox bits keyed by (seed, step, lane, stream, index), so the backward pass draws the
// same mask again instead of keeping it, and every executor draws the same.

import type { Composite } from '../composite.ts';
import { less, multiply, select } from '../operations.ts';
import type { Value } from '../program.ts';

/** Inputs x and the counter u32[3] = [seed, step, lane]; attributes rate and stream. */
export const dropout: Composite = {
  infer: ([x]) => [x],
  decompose: (b, [x, counter], { rate, stream }) => {
    const bits = b.apply('philox', [counter], { shape: x.shape, stream });
    const dropped = less(b, bits, dropThreshold(rate as number));
    return [select(b, dropped, 0, multiply(b, x, 1 / (1 - (rate as number))))];
  },
  gradient: (b, { inputs: [, counter], attributes }, [g]) => [
    b.apply('dropout', [g as Value, counter], attributes),
    undefined,
  ],
};

/** Elements whose 32 bits lie below this are dropped. */
export function dropThreshold(rate: number): number {
  return Math.floor(rate * 2 ** 32);
}
