// y = x W + b over the last axis, W [in, out] (the layout of GPT-2's Conv1D) or, with transposed, [out, in].

import { defineComposite, expect, type Builder } from '../definition.ts';
import { add, matmul, reshape, sum } from '../primitive-operations.ts';
import { sizeOf, type Value } from '../program.ts';

export type LinearAttributes = {
  /** The weight is [out, in]. */
  readonly transposed: boolean;
};

/** Inputs: x [..., in], weight, and optionally bias [out]. */
export const linear = defineComposite<LinearAttributes>({
  infer: ([x, weight, bias], { transposed }) => {
    const [width, out] = transposed ? weight.shape.toReversed() : weight.shape;
    expect(weight.shape.length === 2 && x.shape.at(-1) === width, 'the weight does not fit the last axis');
    expect(!bias || (bias.shape.length === 1 && bias.shape[0] === out), 'the bias does not fit');
    return [{ shape: [...x.shape.slice(0, -1), out], dtype: x.dtype }];
  },
  decompose: (b, [x, weight, bias], { transposed }) => {
    const product = matmul(b, rows(b, x), weight, { transposeB: transposed });
    const y = bias ? add(b, product, bias) : product;
    return [reshape(b, y, [...x.shape.slice(0, -1), y.shape[1]])];
  },
  gradient: (b, { inputs: [x, weight, bias], attributes: { transposed } }, [gradient]) => {
    const g = rows(b, gradient as Value);
    const flat = rows(b, x);
    const dx = matmul(b, g, weight, { transposeB: !transposed });
    const dw = transposed
      ? matmul(b, g, flat, { transposeA: true })
      : matmul(b, flat, g, { transposeA: true });
    const db = bias && reshape(b, sum(b, g, [0]), bias.shape);
    return [reshape(b, dx, x.shape), dw, db];
  },
});

/** x [..., C] as [rows, C]. */
export function rows(b: Builder, x: Value): Value {
  const width = x.shape[x.shape.length - 1];
  return reshape(b, x, [sizeOf(x.shape) / width, width]);
}
