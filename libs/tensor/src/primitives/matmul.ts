// The matrix product, over any number of leading axes.

import { defineOperation, expect } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import { describeType, isFloat, sameShape, sizeOf, type Type } from '../program.ts';

export type MatmulAttributes = {
  /** The last two axes of the operand are stored the other way round. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** The result is f32 whatever the operands: what was added up is not rounded. */
  readonly toF32?: boolean;
};

/** [..., M, K] × [..., K, N] → [..., M, N]; products of bf16 are added up in f32 and rounded once, or not at all. Differentiate before the latter. */
export const matmul = defineOperation<MatmulAttributes>({
  infer: ([a, b], { transposeA, transposeB, toF32 }) => {
    expect(isFloat(a.dtype) && a.dtype === b.dtype && a.shape.length >= 2, 'float matrices expected');
    const [m, k] = lastTwo(a, transposeA);
    const [kb, n] = lastTwo(b, transposeB);
    expect(
      k === kb && sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2)),
      `${describeType(a)} does not multiply ${describeType(b)}`,
    );
    return { shape: [...a.shape.slice(0, -2), m, n], dtype: toF32 ? 'f32' : a.dtype };
  },
  // C = op(A) op(B): dA = dC op(B)ᵀ and dB = op(A)ᵀ dC, each laid out as its operand is stored.
  gradient: (b, { inputs: [x, y], attributes: { transposeA, transposeB } }, g) => [
    transposeA
      ? o.matmul(b, y, g, { transposeA: transposeB, transposeB: true })
      : o.matmul(b, g, y, { transposeB: !transposeB }),
    transposeB
      ? o.matmul(b, g, x, { transposeA: true, transposeB: transposeA })
      : o.matmul(b, x, g, { transposeA: !transposeA }),
  ],
  flops: ({ inputs: [a], outputs: [c], attributes: { transposeA } }) =>
    2 * sizeOf(c.shape) * lastTwo(a, transposeA)[1],
  evaluate: ({ inputs: [a], outputs: [c], attributes: { transposeA, transposeB } }, [x, y], out) => {
    const [m, n] = c.shape.slice(-2);
    const [, k] = lastTwo(a, transposeA);
    const [xRow, xColumn] = transposeA ? [1, m] : [k, 1];
    const [yRow, yColumn] = transposeB ? [1, k] : [n, 1];
    for (let batch = 0; batch < out.length / (m * n); batch++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let total = 0;
          for (let p = 0; p < k; p++)
            total += x[batch * m * k + i * xRow + p * xColumn] * y[batch * k * n + p * yRow + j * yColumn];
          out[(batch * m + i) * n + j] = total;
        }
  },
});

function lastTwo(x: Type, transposed: boolean): [number, number] {
  const [rows, columns] = x.shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}
