// GELU (Hendrycks and Gimpel 2016), in the tanh form that GPT-1 and GPT-2 use or exactly by erf (BERT).

import { defineComposite, type Builder } from '../definition.ts';
import { add, erf, exp, multiply, negate, subtract, tanh } from '../primitive-operations.ts';
import type { Value } from '../program.ts';

const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

export type GeluAttributes = {
  /** The tanh form. */
  readonly approximate: boolean;
};

export const gelu = defineComposite<GeluAttributes>({
  infer: ([x]) => [x],
  decompose: (b, [x], { approximate }) => {
    const curve = approximate ? tanh(b, inner(b, x)) : erf(b, multiply(b, x, Math.SQRT1_2));
    return [multiply(b, multiply(b, x, 0.5), add(b, curve, 1))];
  },
  gradient: (b, { inputs: [x], attributes }, [g]) => [b.apply('geluBackward', [x, g as Value], attributes)],
});

/** Inputs x and the output's gradient; gives the gradient of x. */
export const geluBackward = defineComposite<GeluAttributes>({
  infer: ([x]) => [x],
  decompose: (b, [x, g], { approximate }) => [
    multiply(b, g, approximate ? approximateSlope(b, x) : exactSlope(b, x)),
  ],
});

function exactSlope(b: Builder, x: Value): Value {
  const cdf = multiply(b, add(b, erf(b, multiply(b, x, Math.SQRT1_2)), 1), 0.5);
  const bell = exp(b, negate(b, multiply(b, multiply(b, x, x), 0.5)));
  return add(b, cdf, multiply(b, x, multiply(b, bell, 1 / Math.sqrt(2 * Math.PI))));
}

function approximateSlope(b: Builder, x: Value): Value {
  const t = tanh(b, inner(b, x));
  const dInner = multiply(b, add(b, multiply(b, multiply(b, x, x), 3 * cubic), 1), slope);
  const curve = multiply(b, multiply(b, x, subtract(b, 1, multiply(b, t, t))), dInner);
  return multiply(b, add(b, add(b, t, 1), curve), 0.5);
}

function inner(b: Builder, x: Value): Value {
  const cube = multiply(b, multiply(b, x, x), x);
  return multiply(b, add(b, x, multiply(b, cube, cubic)), slope);
}
