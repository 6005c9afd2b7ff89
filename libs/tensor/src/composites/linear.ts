// y = x W + b over the last axis, W [in, out] (the layout of GPT-2's Conv1D) or, with transposed, [out, in].

import type { Composite } from '../composite.ts';
import { add, matmul, reshape, sum } from '../operations.ts';
import { expect } from '../primitives.ts';
import { sizeOf, type Value } from '../program.ts';

/** Inputs: x [..., in], weight, and optionally bias [out]. Attribute transposed: weight is [out, in]. */
export const linear: Composite = {
  infer: ([x, weight, bias], { transposed }) => {
    const [width, out] = transposed ? weight.shape.toReversed() : weight.shape;
    expect(weight.shape.length === 2 && x.shape.at(-1) === width, 'the weight does not fit the last axis');
    expect(!bias || (bias.shape.length === 1 && bias.shape[0] === out), 'the bias does not fit');
    return [{ shape: [...x.shape.slice(0, -1), out], dtype: x.dtype }];
  },
  decompose: (b, [x, weight, bias], { transposed }) => {
    const product = matmul(b, rows(b, x), weight, { transposeB: transposed as boolean });
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
};

type Builder = Parameters<Composite['decompose']>[0];

/** x [..., C] as [rows, C]. */
export function rows(b: Builder, x: Value): Value {
  const width = x.shape.at(-1) as number;
  return reshape(b, x, [sizeOf(x.shape) / width, width]);
}
