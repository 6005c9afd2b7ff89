// SiLU, x · σ(x) (Elfwing et al. 2018), and SwiGLU (Shazeer 2020), silu(gate) · up: the feed-forward of LLaMA.

import { defineComposite, expect, type Builder } from '../definition.ts';
import { add, divide, exp, multiply, negate, subtract } from '../primitive-operations.ts';
import { sameShape, type Value } from '../program.ts';

export const silu = defineComposite({
  infer: ([x]) => [x],
  decompose: (b, [x]) => [multiply(b, x, sigmoid(b, x))],
  gradient: (b, { inputs: [x] }, [g]) => [multiply(b, g as Value, slopeOf(b, x, sigmoid(b, x)))],
});

/** Inputs gate and up, of one shape. */
export const swiglu = defineComposite({
  infer: ([gate, up]) => {
    expect(sameShape(gate.shape, up.shape), 'gate and up differ in shape');
    return [gate];
  },
  decompose: (b, [gate, up]) => [multiply(b, multiply(b, gate, sigmoid(b, gate)), up)],
  gradient: (b, { inputs: [gate, up] }, [g]) => b.applyAll('swigluBackward', [gate, up, g as Value]),
});

/** Inputs gate, up and the output's gradient; outputs the gradients of gate and up. */
export const swigluBackward = defineComposite({
  infer: ([gate, up]) => [gate, up],
  decompose: (b, [gate, up, g]) => {
    const s = sigmoid(b, gate);
    return [multiply(b, multiply(b, g, up), slopeOf(b, gate, s)), multiply(b, g, multiply(b, gate, s))];
  },
});

/** 1 / (1 + e^(−x)); e^(−x) may overflow to ∞, which gives 0 as it should. */
function sigmoid(b: Builder, x: Value): Value {
  return divide(b, 1, add(b, exp(b, negate(b, x)), 1));
}

/** d silu / dx = σ (1 + x (1 − σ)) */
function slopeOf(b: Builder, x: Value, s: Value): Value {
  return multiply(b, s, add(b, multiply(b, x, subtract(b, 1, s)), 1));
}
