// Cuts a tensor into parts along one axis. Its gradient is one concatenation, where that of single slices would be a
// sum of padded parts.

import { defineComposite, expect } from '../definition.ts';
import { concat, constant, slice } from '../primitive-operations.ts';
import type { Type } from '../program.ts';

export type SplitAttributes = {
  readonly axis: number;
  /** Lengths of the parts, in order; together that of the axis. */
  readonly sizes: readonly number[];
};

/** Input x; one output a part. */
export const split = defineComposite<SplitAttributes>({
  infer: ([x], { axis, sizes }) => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(x.shape[axis] === total, `parts of ${total} are not the axis of ${x.shape[axis]}`);
    return sizes.map((size) => partOf(x, axis, size));
  },
  decompose: (b, [x], { axis, sizes }) => {
    let from = 0;
    return sizes.map((size) => {
      const start = x.shape.map((_, i) => (i === axis ? from : 0));
      from += size;
      return slice(
        b,
        x,
        start,
        x.shape.map((length, i) => (i === axis ? from : length)),
      );
    });
  },
  gradient: (b, { outputs, attributes }, gradients) => [
    concat(
      b,
      outputs.map(({ shape }, i) => gradients[i] ?? constant(b, 0, shape)),
      attributes.axis,
    ),
  ],
});

const partOf = (x: Type, axis: number, size: number): Type => ({
  shape: x.shape.with(axis, size),
  dtype: x.dtype,
});
