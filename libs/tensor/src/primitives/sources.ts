// Primitives that make values from nothing: constants, lists of numbers, indices, random bits.

import { defineOperation, expect } from '../definition.ts';
import { fillPhilox } from '../philox.ts';
import { sizeOf, type DType } from '../program.ts';
import { stridesOf } from '../strided.ts';

/** One number everywhere; ±Infinity and NaN are numbers too. */
export const constant = defineOperation<{
  readonly value: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
}>({
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  evaluate: ({ attributes }, _, out) => out.fill(attributes.value),
});

/** f32 [n]: these numbers. */
export const literal = defineOperation<{ readonly values: readonly number[] }>({
  infer: (_, { values }) => {
    expect(values.length > 0, 'at least one number expected');
    return { shape: [values.length], dtype: 'f32' };
  },
  evaluate: ({ attributes }, _, out) => out.set(attributes.values),
});

/** i32: each element's index along an axis. */
export const iota = defineOperation<{ readonly shape: readonly number[]; readonly axis: number }>({
  infer: (_, { shape, axis }) => {
    expect(axis >= 0 && axis < shape.length, 'axis out of range');
    return { shape, dtype: 'i32' };
  },
  evaluate: ({ attributes: { shape, axis } }, _, out) => {
    const stride = stridesOf(shape)[axis];
    for (let i = 0; i < out.length; i++) out[i] = Math.floor(i / stride) % shape[axis];
  },
});

/** u32 Philox 4x32 bits: element i of operation `stream` under counter [step, lane] and key `seed` (philox.ts). */
export const philox = defineOperation<{ readonly shape: readonly number[]; readonly stream: number }>({
  infer: ([counter], { shape }) => {
    expect(counter.dtype === 'u32' && sizeOf(counter.shape) === 3, 'a u32[3] [seed, step, lane] expected');
    return { shape, dtype: 'u32' };
  },
  evaluate: ({ attributes: { stream } }, [counter], out) => fillPhilox(out as Uint32Array, counter, stream),
});
