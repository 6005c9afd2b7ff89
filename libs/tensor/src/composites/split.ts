// Cuts a tensor into parts along one axis. Its gradient is one concatenation, where that of single slices would be a
// sum of padded parts.

import type { Composite } from '../composite.ts';
import { concat, constant, slice } from '../operations.ts';
import { expect } from '../primitives.ts';
import type { Attributes, Type } from '../program.ts';

/** Input x; attributes axis and sizes, which add up to its length. One output a part. */
export const split: Composite = {
  infer: ([x], attributes) => {
    const { axis, sizes } = read(attributes);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(x.shape[axis] === total, `parts of ${total} are not the axis of ${x.shape[axis]}`);
    return sizes.map((size) => partOf(x, axis, size));
  },
  decompose: (b, [x], attributes) => {
    const { axis, sizes } = read(attributes);
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
      read(attributes).axis,
    ),
  ],
};

const read = (attributes: Attributes) => attributes as unknown as { axis: number; sizes: readonly number[] };

const partOf = (x: Type, axis: number, size: number): Type => ({
  shape: x.shape.with(axis, size),
  dtype: x.dtype,
});
