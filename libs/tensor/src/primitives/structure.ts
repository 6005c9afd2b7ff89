// Primitives that move elements and compute nothing.

import type { Data } from '../data.ts';
import { defineOperation, expect } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import { describeType, sameShape, sizeOf, type Type } from '../program.ts';
import { broadcastStrides, copyStrided, stridesOf } from '../strided.ts';

type Numbers = readonly number[];

export const reshape = defineOperation<{ readonly shape: Numbers }>({
  infer: ([x], { shape }) => {
    expect(sizeOf(x.shape) === sizeOf(shape), `${describeType(x)} cannot become [${shape.join(',')}]`);
    return { shape, dtype: x.dtype };
  },
  gradient: (b, { inputs: [x] }, g) => [o.reshape(b, g, x.shape)],
  evaluate: (_, [x], out) => {
    if (x !== out) out.set(x);
  },
});

/** Axis i of the result is axis permutation[i] of the input. */
export const transpose = defineOperation<{ readonly permutation: Numbers }>({
  infer: ([x], { permutation }) => {
    const sorted = permutation.toSorted((a, b) => a - b);
    expect(
      sameShape(
        sorted,
        x.shape.map((_, axis) => axis),
      ),
      'not a permutation',
    );
    return { shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  gradient: (b, { attributes: { permutation } }, g) => {
    const inverse: number[] = [];
    permutation.forEach((from, to) => (inverse[from] = to));
    return [o.transpose(b, g, inverse)];
  },
  evaluate: ({ inputs: [x], outputs: [y], attributes }, [from], out) => {
    const strides = stridesOf(x.shape);
    const permuted = attributes.permutation.map((axis) => strides[axis]);
    copyStrided({ data: from, strides: permuted }, whole(out, y), y.shape);
  },
});

/** Numpy's rule: axes align at the right, a length of 1 (or a missing axis) is repeated. */
export const broadcast = defineOperation<{ readonly shape: Numbers }>({
  infer: ([x], { shape }) => {
    const shift = shape.length - x.shape.length;
    expect(
      shift >= 0 && x.shape.every((length, axis) => length === 1 || length === shape[axis + shift]),
      `${describeType(x)} does not broadcast to [${shape.join(',')}]`,
    );
    return { shape, dtype: x.dtype };
  },
  gradient: (b, { inputs: [x] }, g) => {
    const shift = g.shape.length - x.shape.length;
    const repeated = g.shape.flatMap((n, axis) =>
      axis < shift || x.shape[axis - shift] !== n ? [axis] : [],
    );
    return [o.reshape(b, o.sum(b, g, repeated), x.shape)];
  },
  evaluate: ({ inputs: [x], outputs: [y] }, [from], out) =>
    copyStrided({ data: from, strides: broadcastStrides(x.shape, y.shape) }, whole(out, y), y.shape),
});

/** Elements from `start` up to, not including, `end` on every axis. */
export const slice = defineOperation<{ readonly start: Numbers; readonly end: Numbers }>({
  infer: ([x], { start, end }) => {
    expect(
      start.length === x.shape.length &&
        start.every((from, i) => 0 <= from && from < end[i] && end[i] <= x.shape[i]),
      `slice [${start.join(',')}) to [${end.join(',')}) lies outside ${describeType(x)}`,
    );
    return { shape: start.map((from, i) => end[i] - from), dtype: x.dtype };
  },
  gradient: (b, { inputs: [x], attributes: { start, end } }, g) => {
    const after = x.shape.map((length, axis) => length - end[axis]);
    return [o.pad(b, g, start, after)];
  },
  evaluate: ({ inputs: [x], outputs: [y], attributes }, [from], out) =>
    copyStrided({ ...whole(from, x), offset: offsetOf(x, attributes.start) }, whole(out, y), y.shape),
});

/** Zeros before and after, per axis. */
export const pad = defineOperation<{ readonly before: Numbers; readonly after: Numbers }>({
  infer: ([x], { before, after }) => ({
    shape: x.shape.map((length, axis) => length + before[axis] + after[axis]),
    dtype: x.dtype,
  }),
  gradient: (b, { inputs: [x], attributes: { before } }, g) => {
    const end = before.map((from, axis) => from + x.shape[axis]);
    return [o.slice(b, g, before, end)];
  },
  evaluate: ({ inputs: [x], outputs: [y], attributes }, [from], out) => {
    out.fill(0);
    copyStrided(whole(from, x), { ...whole(out, y), offset: offsetOf(y, attributes.before) }, x.shape);
  },
});

export const concat = defineOperation<{ readonly axis: number }>({
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const { shape, dtype } of inputs)
      expect(
        dtype === first.dtype && shape.every((n, i) => i === axis || n === first.shape[i]),
        'inputs differ outside the axis',
      );
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis], 0);
    return { shape: first.shape.with(axis, total), dtype: first.dtype };
  },
  gradient: (b, { inputs, attributes: { axis } }, g) => {
    let from = 0;
    return inputs.map(({ shape }) => {
      const start = g.shape.map((_, i) => (i === axis ? from : 0));
      from += shape[axis];
      return o.slice(b, g, start, g.shape.with(axis, from));
    });
  },
  evaluate: ({ inputs, outputs: [y], attributes: { axis } }, data, out) => {
    let at = 0;
    inputs.forEach((input, i) => {
      const offset = at * stridesOf(y.shape)[axis];
      copyStrided(whole(data[i], input), { ...whole(out, y), offset }, input.shape);
      at += input.shape[axis];
    });
  },
});

/**
 * Inputs x and start i32[rank]; the part of shape `sizes` that begins there. A start that would reach outside is moved
 * to the nearest that does not, as XLA does.
 */
export const dynamicSlice = defineOperation<{ readonly sizes: Numbers }>({
  infer: ([x, start], { sizes }) => {
    expectPart(x, { shape: sizes, dtype: x.dtype }, start);
    return { shape: sizes, dtype: x.dtype };
  },
  gradient: (b, { inputs: [x, start] }, g) => [
    o.dynamicUpdateSlice(b, o.constant(b, 0, x.shape, x.dtype), g, start),
    undefined,
  ],
  evaluate: ({ inputs: [x], outputs: [y] }, [from, start], out) =>
    copyStrided({ ...whole(from, x), offset: offsetOf(x, clamp(start, x, y)) }, whole(out, y), y.shape),
});

/** Inputs x, a part, and start i32[rank]: x with the part written there. Starts are moved as by dynamicSlice. */
export const dynamicUpdateSlice = defineOperation({
  infer: ([x, part, start]) => {
    expectPart(x, part, start);
    return x;
  },
  gradient: (b, { inputs: [, part, start] }, g) => [
    o.dynamicUpdateSlice(b, g, o.constant(b, 0, part.shape, part.dtype), start),
    o.dynamicSlice(b, g, start, part.shape),
    undefined,
  ],
  evaluate: ({ inputs: [x, part] }, [data, from, start], out) => {
    if (out !== data) out.set(data);
    const offset = offsetOf(x, clamp(start, x, part));
    copyStrided(whole(from, part), { ...whole(out, x), offset }, part.shape);
  },
});

function expectPart(x: Type, part: Type, start: Type): void {
  expect(
    start.dtype === 'i32' && sameShape(start.shape, [x.shape.length]),
    `i32[${x.shape.length}] expected, not ${describeType(start)}`,
  );
  expect(
    part.dtype === x.dtype &&
      part.shape.length === x.shape.length &&
      part.shape.every((length, axis) => length >= 1 && length <= x.shape[axis]),
    `${describeType(part)} is no part of ${describeType(x)}`,
  );
}

function clamp(start: Data, { shape }: Type, part: Type): number[] {
  return shape.map((length, axis) => Math.max(0, Math.min(start[axis], length - part.shape[axis])));
}

const whole = (data: Data, { shape }: Type) => ({ data, strides: stridesOf(shape) });

function offsetOf({ shape }: Type, start: Numbers): number {
  const strides = stridesOf(shape);
  return start.reduce((offset, from, axis) => offset + from * strides[axis], 0);
}
