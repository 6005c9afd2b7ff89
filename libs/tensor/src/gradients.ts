// How each primitive passes a gradient back: given its inputs, output and the gradient g of the output, the
// gradients of its inputs. What is missing here (comparisons, integers, random bits, stopGradient) passes none.

import type { Builder } from './builder.ts';
import * as o from './operations.ts';
import type { Operation, Value } from './program.ts';

type Gradients = readonly (Value | undefined)[];
type Rule = (b: Builder, operation: Operation, g: Value) => Gradients;

export const gradientRules: Readonly<Record<string, Rule>> = {
  negate: (b, _, g) => [o.negate(b, g)],
  abs: (b, { inputs: [x] }, g) => [o.select(b, o.less(b, x, 0), o.negate(b, g), g)],
  exp: (b, { outputs: [y] }, g) => [o.multiply(b, g, y)],
  log: (b, { inputs: [x] }, g) => [o.divide(b, g, x)],
  tanh: (b, { outputs: [y] }, g) => [o.multiply(b, g, o.subtract(b, 1, o.multiply(b, y, y)))],
  erf: (b, { inputs: [x] }, g) => {
    const density = o.exp(b, o.negate(b, o.multiply(b, x, x)));
    return [o.multiply(b, g, o.multiply(b, density, 2 / Math.sqrt(Math.PI)))];
  },
  sqrt: (b, { outputs: [y] }, g) => [o.divide(b, o.multiply(b, g, 0.5), y)],
  rsqrt: (b, { outputs: [y] }, g) => [
    o.multiply(b, g, o.multiply(b, -0.5, o.multiply(b, y, o.multiply(b, y, y)))),
  ],
  sin: (b, { inputs: [x] }, g) => [o.multiply(b, g, o.cos(b, x))],
  cos: (b, { inputs: [x] }, g) => [o.negate(b, o.multiply(b, g, o.sin(b, x)))],
  add: (_, __, g) => [g, g],
  subtract: (b, _, g) => [g, o.negate(b, g)],
  multiply: (b, { inputs: [x, y] }, g) => [o.multiply(b, g, y), o.multiply(b, g, x)],
  divide: (b, { inputs: [, y], outputs: [q] }, g) => {
    const dx = o.divide(b, g, y);
    return [dx, o.negate(b, o.multiply(b, dx, q))];
  },
  // At a tie the first operand takes the whole gradient.
  maximum: (b, { inputs: [x, y] }, g) => {
    const second = o.less(b, x, y);
    return [o.select(b, second, 0, g), o.select(b, second, g, 0)];
  },
  minimum: (b, { inputs: [x, y] }, g) => {
    const second = o.less(b, y, x);
    return [o.select(b, second, 0, g), o.select(b, second, g, 0)];
  },
  power: (b, { inputs: [x, y], outputs: [z] }, g) => [
    o.multiply(b, g, o.multiply(b, y, o.power(b, x, o.subtract(b, y, 1)))),
    o.multiply(b, g, o.multiply(b, z, o.log(b, x))),
  ],
  select: (b, { inputs: [condition] }, g) => [
    undefined,
    o.select(b, condition, g, 0),
    o.select(b, condition, 0, g),
  ],
  reshape: (b, { inputs: [x] }, g) => [o.reshape(b, g, x.shape)],
  transpose: (b, { attributes: { permutation } }, g) => {
    const inverse: number[] = [];
    (permutation as number[]).forEach((from, to) => (inverse[from] = to));
    return [o.transpose(b, g, inverse)];
  },
  broadcast: (b, { inputs: [x] }, g) => {
    const shift = g.shape.length - x.shape.length;
    const repeated = g.shape.flatMap((n, axis) =>
      axis < shift || x.shape[axis - shift] !== n ? [axis] : [],
    );
    return [o.reshape(b, o.sum(b, g, repeated), x.shape)];
  },
  slice: (b, { inputs: [x], attributes: { start, end } }, g) => {
    const after = x.shape.map((n, axis) => n - (end as number[])[axis]);
    return [b.apply('pad', [g], { before: start, after })];
  },
  pad: (b, { inputs: [x], attributes: { before } }, g) => {
    const start = before as number[];
    return [
      o.slice(
        b,
        g,
        start,
        start.map((from, axis) => from + x.shape[axis]),
      ),
    ];
  },
  concat: (b, { inputs, attributes: { axis } }, g) => {
    let from = 0;
    return inputs.map((input) => {
      const start = g.shape.map((_, i) => (i === axis ? from : 0));
      const end = g.shape.map((n, i) => (i === axis ? from + input.shape[i] : n));
      from += input.shape[axis as number];
      return o.slice(b, g, start, end);
    });
  },
  sum: (b, { inputs: [x] }, g) => [o.broadcast(b, g, x.shape)],
  // Equal maxima share the gradient.
  max: (b, { inputs: [x], outputs: [y], attributes: { axes } }, g) => {
    const hit = o.convert(b, o.equal(b, x, y), 'f32');
    const share = o.divide(b, g, o.sum(b, hit, axes as number[]));
    return [o.multiply(b, hit, share)];
  },
  matmul: matmulGradient,
  gather: (b, { inputs: [table, indices] }, g) => [
    o.scatterAdd(b, o.constant(b, 0, table.shape), indices, g),
    undefined,
  ],
  scatterAdd: (b, { inputs: [, indices] }, g) => [g, undefined, o.gather(b, g, indices)],
};

// C = op(A) op(B): dA = dC op(B)ᵀ and dB = op(A)ᵀ dC, each laid out as its operand is stored.
function matmulGradient(b: Builder, { inputs: [x, y], attributes }: Operation, g: Value): Gradients {
  const transposeA = attributes.transposeA as boolean;
  const transposeB = attributes.transposeB as boolean;
  const dx = transposeA
    ? o.matmul(b, y, g, { transposeA: transposeB, transposeB: true })
    : o.matmul(b, g, y, { transposeB: !transposeB });
  const dy = transposeB
    ? o.matmul(b, g, x, { transposeA: true, transposeB: transposeA })
    : o.matmul(b, x, g, { transposeA: !transposeA });
  return [dx, dy];
}
