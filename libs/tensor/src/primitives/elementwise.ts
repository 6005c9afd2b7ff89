// Elementwise primitives. Operands have equal shapes: broadcasting is an operation of its own.

import type { Data } from '../data.ts';
import { defineOperation, expect, type Builder, type Gradients, type Primitive } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import {
  describeType,
  isFloat,
  sameShape,
  sizeOf,
  type DType,
  type Operation,
  type Type,
  type Value,
} from '../program.ts';

const outputSize = ({ outputs: [y] }: Operation) => sizeOf(y.shape);

/** y = f(x) on floats; the gradient of x from x, y and that of y. */
function unary(
  f: (x: number) => number,
  gradient: (b: Builder, x: Value, y: Value, g: Value) => Value,
): Primitive {
  return {
    infer: ([x]) => {
      expect(isFloat(x.dtype), `floats expected, not ${describeType(x)}`);
      return x;
    },
    gradient: (b, { inputs: [x], outputs: [y] }, g) => [gradient(b, x, y, g)],
    flops: outputSize,
    evaluate: (_, [x], out) => {
      for (let i = 0; i < out.length; i++) out[i] = f(x[i]);
    },
  };
}

export const negate = unary(
  (x) => -x,
  (b, _x, _y, g) => o.negate(b, g),
);
/** Its gradient at 0 is 0. */
export const abs = unary(Math.abs, (b, x, _y, g) => {
  const flipped = o.select(b, o.less(b, x, 0), o.negate(b, g), 0);
  return o.select(b, o.less(b, 0, x), g, flipped);
});
export const exp = unary(Math.exp, (b, _x, y, g) => o.multiply(b, g, y));
export const log = unary(Math.log, (b, x, _y, g) => o.divide(b, g, x));
export const tanh = unary(Math.tanh, (b, _x, y, g) =>
  o.multiply(b, g, o.subtract(b, 1, o.multiply(b, y, y))),
);
export const erf = unary(computeErf, (b, x, _y, g) => {
  const density = o.exp(b, o.negate(b, o.multiply(b, x, x)));
  return o.multiply(b, g, o.multiply(b, density, 2 / Math.sqrt(Math.PI)));
});
export const sqrt = unary(Math.sqrt, (b, _x, y, g) => o.divide(b, o.multiply(b, g, 0.5), y));
export const rsqrt = unary(
  (x) => 1 / Math.sqrt(x),
  (b, _x, y, g) => o.multiply(b, g, o.multiply(b, -0.5, o.multiply(b, y, o.multiply(b, y, y)))),
);
export const sin = unary(Math.sin, (b, x, _y, g) => o.multiply(b, g, o.cos(b, x)));
export const cos = unary(Math.cos, (b, x, _y, g) => o.negate(b, o.multiply(b, g, o.sin(b, x))));

const copy = (_: unknown, [x]: readonly Data[], out: Data) => {
  if (x !== out) out.set(x);
};

/** To another type: floats to integers lose what follows the point; to bool, all but 0 is true. */
export const convert = defineOperation<{ readonly dtype: DType }>({
  infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  gradient: (b, { inputs: [x], outputs: [y] }, g) =>
    isFloat(x.dtype) && isFloat(y.dtype) ? [o.convert(b, g, x.dtype)] : [],
  evaluate: (operation, [x], out) => {
    if (operation.attributes.dtype !== 'bool') return copy(operation, [x], out);
    for (let i = 0; i < out.length; i++) out[i] = x[i] === 0 ? 0 : 1;
  },
});

/** x itself; nothing is passed back. */
export const stopGradient = defineOperation({ infer: ([x]) => x, evaluate: copy });

/** x itself, but no compiler may see through it: what is computed from it is computed anew. */
export const barrier = defineOperation({
  infer: ([x]) => x,
  gradient: (_, __, g) => [g],
  evaluate: copy,
});

function expectNumbers(x: Type, y: Type): void {
  expectSame(x, y);
  expect(x.dtype !== 'bool', `numbers expected, not ${describeType(x)}`);
}

function expectSame(x: Type, y: Type): void {
  expect(
    x.dtype === y.dtype && sameShape(x.shape, y.shape),
    `${describeType(x)} and ${describeType(y)} differ`,
  );
}

type BinaryGradient = (b: Builder, inputs: readonly Value[], z: Value, g: Value) => Gradients;

function binary(f: (x: number, y: number) => number, gradient: BinaryGradient): Primitive {
  return {
    infer: ([x, y]) => {
      expectNumbers(x, y);
      return x;
    },
    gradient: (b, { inputs, outputs: [z] }, g) => gradient(b, inputs, z, g),
    flops: outputSize,
    evaluate: (_, [x, y], out) => {
      for (let i = 0; i < out.length; i++) out[i] = f(x[i], y[i]);
    },
  };
}

export const add = binary(
  (x, y) => x + y,
  (_b, _inputs, _z, g) => [g, g],
);
export const subtract = binary(
  (x, y) => x - y,
  (b, _inputs, _z, g) => [g, o.negate(b, g)],
);
const product = binary(
  (x, y) => x * y,
  (b, [x, y], _z, g) => [o.multiply(b, g, y), o.multiply(b, g, x)],
);
/** Of integers the lower 32 bits. */
export const multiply = defineOperation({
  ...product,
  evaluate: (operation, [x, y], out) => {
    if (isFloat(operation.outputs[0].dtype)) product.evaluate(operation, [x, y], out);
    else for (let i = 0; i < out.length; i++) out[i] = Math.imul(x[i], y[i]);
  },
});
/** Of integers rounded towards 0. */
export const divide = binary(
  (x, y) => x / y,
  (b, [, y], q, g) => {
    const dx = o.divide(b, g, y);
    return [dx, o.negate(b, o.multiply(b, dx, q))];
  },
);
// At a tie the first operand takes the whole gradient.
export const maximum = binary(Math.max, (b, [x, y], _z, g) => splitBy(b, o.less(b, x, y), g));
export const minimum = binary(Math.min, (b, [x, y], _z, g) => splitBy(b, o.less(b, y, x), g));
const splitBy = (b: Builder, second: Value, g: Value) => [
  o.select(b, second, 0, g),
  o.select(b, second, g, 0),
];
export const power = binary(Math.pow, (b, [x, y], z, g) => [
  o.multiply(b, g, o.multiply(b, y, o.power(b, x, o.subtract(b, y, 1)))),
  o.multiply(b, g, o.multiply(b, z, o.log(b, x))),
]);

function comparison(f: (x: number, y: number) => boolean): Primitive {
  return {
    infer: ([x, y]) => {
      expectSame(x, y);
      return { shape: x.shape, dtype: 'bool' };
    },
    flops: outputSize,
    evaluate: (_, [x, y], out) => {
      for (let i = 0; i < out.length; i++) out[i] = f(x[i], y[i]) ? 1 : 0;
    },
  };
}

export const equal = comparison((x, y) => x === y);
export const less = comparison((x, y) => x < y);

/** x where the condition holds, else y. */
export const select = defineOperation({
  infer: ([condition, x, y]) => {
    expect(
      condition.dtype === 'bool' && sameShape(condition.shape, x.shape),
      'a bool of the same shape expected',
    );
    expectSame(x, y);
    return x;
  },
  gradient: (b, { inputs: [condition] }, g) => [
    undefined,
    o.select(b, condition, g, 0),
    o.select(b, condition, 0, g),
  ],
  flops: outputSize,
  evaluate: (_, [condition, x, y], out) => {
    for (let i = 0; i < out.length; i++) out[i] = condition[i] ? x[i] : y[i];
  },
});

/** erf by the series 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign. */
function computeErf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > Math.abs(total) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}
