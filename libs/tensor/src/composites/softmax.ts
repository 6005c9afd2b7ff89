// Softmax over the last axis. An entry of −∞ weighs exactly 0, a row of nothing else is zeros.

import { defineComposite, expect, type Builder } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import { isFloat, type Value } from '../program.ts';

export const softmax = defineComposite({
  infer: ([x]) => {
    expect(x.shape.length > 0 && isFloat(x.dtype), 'floats with an axis expected');
    return [x];
  },
  decompose: (b, [x]) => {
    const axis = [x.shape.length - 1];
    const top = o.maximum(b, o.max(b, x, axis), -1e30); // finite, so that no difference is NaN
    const weights = o.exp(b, o.subtract(b, x, top));
    const total = o.sum(b, weights, axis);
    return [o.divide(b, weights, o.select(b, o.equal(b, total, 0), 1, total))];
  },
  gradient: (b, { inputs: [x], outputs: [p] }, [g]) => [weigh(b, p, g as Value, x.shape.length - 1)],
});

/** p ∘ (g − Σ g ∘ p) */
function weigh(b: Builder, p: Value, g: Value, axis: number): Value {
  return o.multiply(b, p, o.subtract(b, g, o.sum(b, o.multiply(b, g, p), [axis])));
}
