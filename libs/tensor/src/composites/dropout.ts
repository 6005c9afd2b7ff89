// Dropout (Srivastava et al. 2014): elements are set to zero with probability `rate`, the others scaled by
// 1/(1 − rate). The mask is Philox bits keyed by (seed, step, lane, stream, index), so the backward pass draws the
// same mask again instead of keeping it, and every executor draws the same.

import { defineComposite, type Builder } from '../definition.ts';
import { less, multiply, philox, select } from '../primitive-operations.ts';
import type { Value } from '../program.ts';

export type DropoutAttributes = { readonly rate: number; readonly stream: number };

/** Inputs x and the counter u32[3] = [seed, step, lane]. */
export const dropout = defineComposite<DropoutAttributes>({
  infer: ([x]) => [x],
  decompose: (b, [x, counter], attributes) => [drop(b, x, counter, attributes)],
  gradient: (b, { inputs: [, counter], attributes }, [g]) => [
    b.apply('dropout', [g as Value, counter], attributes),
    undefined,
  ],
});

/** Elements whose 32 bits lie below this are dropped. */
export function dropThreshold(rate: number): number {
  return Math.floor(rate * 2 ** 32);
}

export function drop(b: Builder, x: Value, counter: Value, { rate, stream }: DropoutAttributes): Value {
  const dropped = less(b, philox(b, counter, x.shape, stream), dropThreshold(rate));
  return select(b, dropped, 0, multiply(b, x, 1 / (1 - rate)));
}
