// GELU (Hendrycks and Gimpel 2016), in the tanh form that GPT-1 and GPT-2 use or exactly by erf (BERT).

import type { Composite } from '../composite.ts';
import { add, erf, exp, multiply, negate, subtract, tanh } from '../operations.ts';
import type { Value } from '../program.ts';

const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** Attribute approximate: true for the tanh form. */
export const gelu: Composite = {
  infer: ([x]) => [x],
  decompose: (b, [x], { approximate }) => {
    const half = multiply(b, x, 0.5);
    return [
      multiply(b, half, add(b, approximate ? tanh(b, inner(b, x)) : erf(b, multiply(b, x, Math.SQRT1_2)), 1)),
    ];
  },
  gradient: (b, { inputs: [x], attributes }, [g]) => [b.apply('geluBackward', [x, g as Value], attributes)],
};

/** Inputs x and the output's gradient; gives the gradient of x. */
export const geluBackward: Composite = {
  infer: ([x]) => [x],
  decompose: (b, [x, g], { approximate }) => {
    if (!approximate) {
      const cdf = multiply(b, add(b, erf(b, multiply(b, x, Math.SQRT1_2)), 1), 0.5);
      const density = multiply(
        b,
        exp(b, negate(b, multiply(b, multiply(b, x, x), 0.5))),
        1 / Math.sqrt(2 * Math.PI),
      );
      return [multiply(b, g, add(b, cdf, multiply(b, x, density)))];
    }
    const t = tanh(b, inner(b, x));
    const dInner = multiply(b, add(b, multiply(b, multiply(b, x, x), 3 * cubic), 1), slope);
    const curve = multiply(b, multiply(b, x, subtract(b, 1, multiply(b, t, t))), dInner);
    return [multiply(b, g, multiply(b, add(b, add(b, t, 1), curve), 0.5))];
  },
};

function inner(b: Parameters<Composite['decompose']>[0], x: Value): Value {
  const cube = multiply(b, multiply(b, x, x), x);
  return multiply(b, add(b, x, multiply(b, cube, cubic)), slope);
}
