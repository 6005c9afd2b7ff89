// Primitives that gather many elements into one. The axes that are reduced stay, with length 1.

import type { Data } from '../data.ts';
import { defineOperation, expect } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import { describeType, isFloat, sizeOf, type Operation, type Type } from '../program.ts';
import { broadcastStrides, copyStrided, stridesOf } from '../strided.ts';

const inputSize = ({ inputs: [x] }: Operation) => sizeOf(x.shape);

type Axes = { readonly axes: readonly number[] };

function keepAxes(x: Type, axes: readonly number[]): Type {
  expect(
    axes.every((axis) => axis >= 0 && axis < x.shape.length),
    `axes [${axes.join(',')}] of ${describeType(x)}`,
  );
  return { shape: x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length)), dtype: x.dtype };
}

export const sum = defineOperation<Axes>({
  infer: ([x], { axes }) => {
    expect(x.dtype !== 'bool', `numbers expected, not ${describeType(x)}`);
    return keepAxes(x, axes);
  },
  gradient: (b, { inputs: [x] }, g) => [o.broadcast(b, g, x.shape)],
  flops: inputSize,
  evaluate: (operation, [x], out) => reduce(operation, x, out, 0, (total, value) => total + value),
});

export const max = defineOperation<Axes>({
  infer: ([x], { axes }) => {
    expect(isFloat(x.dtype), `floats expected, not ${describeType(x)}`);
    return keepAxes(x, axes);
  },
  // Equal maxima share the gradient.
  gradient: (b, { inputs: [x], outputs: [y], attributes: { axes } }, g) => {
    const hit = o.convert(b, o.equal(b, x, y), x.dtype);
    const share = o.divide(b, g, o.sum(b, hit, axes));
    return [o.multiply(b, hit, share)];
  },
  flops: inputSize,
  evaluate: (operation, [x], out) => reduce(operation, x, out, -Infinity, Math.max),
});

/** i32: where the greatest of the last axis lies; of equals the first. */
export const argMax = defineOperation({
  infer: ([x]) => {
    expect(isFloat(x.dtype), `floats expected, not ${describeType(x)}`);
    return { shape: [...x.shape.slice(0, -1), 1], dtype: 'i32' };
  },
  flops: inputSize,
  evaluate: ({ inputs: [x] }, [data], out) => {
    const width = x.shape[x.shape.length - 1];
    for (let row = 0; row < out.length; row++) {
      let best = 0;
      for (let i = 1; i < width; i++) if (data[row * width + i] > data[row * width + best]) best = i;
      out[row] = best;
    }
  },
});

function reduce(
  { inputs: [x], outputs: [y] }: Operation,
  data: Data,
  out: Data,
  start: number,
  combine: (sofar: number, value: number) => number,
): void {
  // In double precision whatever the data: the reference should not be the one that loses digits.
  const totals = new Float64Array(out.length).fill(start);
  const target = broadcastStrides(y.shape, x.shape);
  const index = new Float64Array(sizeOf(x.shape));
  copyStrided(
    { data: Float64Array.from(totals.keys()), strides: target },
    { data: index, strides: stridesOf(x.shape) },
    x.shape,
  );
  for (let i = 0; i < data.length; i++) totals[index[i]] = combine(totals[index[i]], data[i]);
  out.set(totals);
}
