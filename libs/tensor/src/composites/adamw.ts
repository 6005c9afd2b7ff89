// AdamW (Loshchilov and Hutter 2019), in PyTorch's order: moments, bias correction, then
// p ← p − lr (m̂ / (√v̂ + ε) + wd p).

import { defineComposite, expect, type Builder } from '../definition.ts';
import { add, divide, multiply, reshape, slice, sqrt, subtract } from '../primitive-operations.ts';
import { sameShape, type Value } from '../program.ts';

export type AdamWAttributes = {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
};

/**
 * Inputs parameter, gradient, m, v and f32[4] [learningRate, 1 − β1^t, 1 − β2^t, gradient scale].
 * Outputs the new parameter, m and v.
 */
export const adamw = defineComposite<AdamWAttributes>({
  infer: ([p, g, m, v, scalars]) => {
    expect(
      [g, m, v].every(({ shape }) => sameShape(shape, p.shape)),
      'shapes differ',
    );
    expect(sameShape(scalars.shape, [4]), 'four scalars expected');
    return [p, m, v];
  },
  decompose: (b, [p, g, m, v, scalars], { beta1, beta2, epsilon, weightDecay }) => {
    const [learningRate, correction1, correction2, scale] = [0, 1, 2, 3].map((i) => scalar(b, scalars, i));
    const gradient = multiply(b, g, scale);
    const newM = add(b, multiply(b, m, beta1), multiply(b, gradient, 1 - beta1));
    const newV = add(b, multiply(b, v, beta2), multiply(b, multiply(b, gradient, gradient), 1 - beta2));
    const size = add(b, sqrt(b, divide(b, newV, correction2)), epsilon);
    const direction = add(b, divide(b, divide(b, newM, correction1), size), multiply(b, p, weightDecay));
    return [subtract(b, p, multiply(b, direction, learningRate)), newM, newV];
  },
});

/** Element i of a vector, as a scalar. */
function scalar(b: Builder, vector: Value, i: number): Value {
  return reshape(b, slice(b, vector, [i], [i + 1]), []);
}
