// The primitives: what every executor must know, with the type each gives. About 35, chosen so that each lowers to
// one StableHLO or tfjs operation. Elementwise primitives take equal shapes: broadcasting is an operation of its own.

import { describeType, sameShape, sizeOf, type Attributes, type DType, type Type } from './program.ts';

type Infer = (inputs: readonly Type[], attributes: Attributes) => Type;

const floatUnary: Infer = ([x]) => (expect(x.dtype === 'f32', `floats expected, not ${describeType(x)}`), x);
const sameBinary: Infer = ([x, y]) => (expectSame(x, y), x);
const comparison: Infer = ([x, y]) => (expectSame(x, y), { shape: x.shape, dtype: 'bool' });

/** Primitive → its output type. Attributes are named where they are read. */
export const primitives: Readonly<Record<string, Infer>> = {
  // sources
  constant: (_, { shape, dtype }) => ({ shape: shape as number[], dtype: dtype as DType }), // value: number
  iota: (_, { shape, axis }) => (
    expect((axis as number) < (shape as number[]).length, 'axis out of range'),
    { shape: shape as number[], dtype: 'i32' }
  ),
  // Philox 4x32 bits: element i of operation `stream` under counter [step, lane] and key `seed` (philox.ts).
  philox: ([counter], { shape }) => (
    expect(counter.dtype === 'u32' && sizeOf(counter.shape) === 3, 'a u32[3] [seed, step, lane] expected'),
    { shape: shape as number[], dtype: 'u32' }
  ),
  // elementwise, one input
  convert: ([x], { dtype }) => ({ shape: x.shape, dtype: dtype as DType }),
  negate: floatUnary,
  abs: floatUnary,
  exp: floatUnary,
  log: floatUnary,
  tanh: floatUnary,
  erf: floatUnary,
  sqrt: floatUnary,
  rsqrt: floatUnary,
  sin: floatUnary,
  cos: floatUnary,
  stopGradient: ([x]) => x,
  // elementwise, two inputs
  add: sameBinary,
  subtract: sameBinary,
  multiply: sameBinary,
  divide: sameBinary,
  maximum: sameBinary,
  minimum: sameBinary,
  power: sameBinary,
  equal: comparison,
  less: comparison,
  select: ([condition, x, y]) => (
    expect(
      condition.dtype === 'bool' && sameShape(condition.shape, x.shape),
      'a bool of the same shape expected',
    ),
    expectSame(x, y),
    x
  ),
  // structure
  reshape: ([x], { shape }) => (
    expect(
      sizeOf(x.shape) === sizeOf(shape as number[]),
      `${describeType(x)} cannot become [${String(shape)}]`,
    ),
    { shape: shape as number[], dtype: x.dtype }
  ),
  transpose: ([x], { permutation }) => {
    const order = permutation as number[];
    expect(
      sameShape(
        order.toSorted((a, b) => a - b),
        x.shape.map((_, axis) => axis),
      ),
      'not a permutation',
    );
    return { shape: order.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  // Numpy's rule: axes align at the right, a length of 1 (or a missing axis) is repeated.
  broadcast: ([x], { shape }) => {
    const target = shape as number[];
    const shift = target.length - x.shape.length;
    expect(
      shift >= 0 && x.shape.every((length, axis) => length === 1 || length === target[axis + shift]),
      `${describeType(x)} does not broadcast to [${target.join(',')}]`,
    );
    return { shape: target, dtype: x.dtype };
  },
  slice: ([x], { start, end }) => {
    const from = start as number[];
    const to = end as number[];
    expect(
      from.length === x.shape.length && from.every((f, i) => 0 <= f && f < to[i] && to[i] <= x.shape[i]),
      `slice [${from.join(',')}) to [${to.join(',')}) lies outside ${describeType(x)}`,
    );
    return { shape: from.map((f, i) => to[i] - f), dtype: x.dtype };
  },
  // Zeros before and after, per axis.
  pad: ([x], { before, after }) => ({
    shape: x.shape.map((length, i) => length + (before as number[])[i] + (after as number[])[i]),
    dtype: x.dtype,
  }),
  concat: (inputs, { axis }) => {
    const at = axis as number;
    for (const input of inputs)
      expect(
        input.dtype === inputs[0].dtype && input.shape.every((n, i) => i === at || n === inputs[0].shape[i]),
        'inputs differ outside the axis',
      );
    const total = inputs.reduce((sum, { shape }) => sum + shape[at], 0);
    return { shape: inputs[0].shape.map((n, i) => (i === at ? total : n)), dtype: inputs[0].dtype };
  },
  // reductions: the axes stay, with length 1
  sum: ([x], { axes }) => ({ shape: keepAxes(x, axes as number[]), dtype: x.dtype }),
  max: ([x], { axes }) => ({ shape: keepAxes(x, axes as number[]), dtype: x.dtype }),
  argMax: ([x]) => ({ shape: [...x.shape.slice(0, -1), 1], dtype: 'i32' }), // over the last axis, first of equals
  // [..., M, K] x [..., K, N]; transposeA and transposeB say that the last two axes are stored the other way round
  matmul: ([a, b], { transposeA, transposeB }) => {
    expect(a.dtype === 'f32' && b.dtype === 'f32' && a.shape.length >= 2, 'float matrices expected');
    const [m, k] = lastTwo(a, transposeA as boolean);
    const [kb, n] = lastTwo(b, transposeB as boolean);
    expect(
      k === kb && sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2)),
      `${describeType(a)} does not multiply ${describeType(b)}`,
    );
    return { shape: [...a.shape.slice(0, -2), m, n], dtype: 'f32' };
  },
  // table [V, C], indices [...] → [..., C]
  gather: ([table, indices]) => {
    expect(table.shape.length === 2 && indices.dtype === 'i32', 'a table [V, C] and i32 indices expected');
    return { shape: [...indices.shape, table.shape[1]], dtype: table.dtype };
  },
  // table [V, C] + rows [..., C] added at indices [...], in the order of the indices
  scatterAdd: ([table, indices, rows]) => {
    expect(
      indices.dtype === 'i32' && sameShape(rows.shape, [...indices.shape, table.shape[1]]),
      `rows ${describeType(rows)} do not fit indices ${describeType(indices)}`,
    );
    return table;
  },
};

function keepAxes(x: Type, axes: readonly number[]): number[] {
  expect(
    axes.every((axis) => axis >= 0 && axis < x.shape.length),
    `axes [${axes.join(',')}] of ${describeType(x)}`,
  );
  return x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

function lastTwo(x: Type, transposed: boolean): [number, number] {
  const [rows, columns] = x.shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

function expectSame(x: Type, y: Type): void {
  expect(
    x.dtype === y.dtype && sameShape(x.shape, y.shape),
    `${describeType(x)} and ${describeType(y)} differ`,
  );
}

/** A program that does not fit is a mistake of the code that builds it, not of a user: a TypeError. */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(message);
}
