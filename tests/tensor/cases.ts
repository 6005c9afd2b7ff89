// Small programs, one for each operation that has a gradient, with the ranges its inputs are drawn from.
import { createRandom } from '@gristmill/core';
import { cases as attentionCases } from './attention-cases.ts';
import { operations as o, type Builder, type Program, type Value } from '@gristmill/tensor';

export interface Case {
  readonly name: string;
  readonly inputs: readonly {
    readonly shape: readonly number[];
    readonly from?: number;
    readonly to?: number;
  }[];
  build(b: Builder, inputs: readonly Value[]): Value;
}

const shape = [2, 3];
const unary = (name: string, from = -2, to = 2): Case => ({
  name,
  inputs: [{ shape, from, to }],
  build: (b, [x]) => b.apply(name, [x]),
});
const binary = (name: string, from = -2, to = 2): Case => ({
  name,
  inputs: [
    { shape, from, to },
    { shape, from, to },
  ],
  build: (b, [x, y]) => b.apply(name, [x, y]),
});
const targets = (b: Builder, list: readonly number[]) =>
  o.convert(
    b,
    o.concat(
      b,
      list.map((value) => o.constant(b, value, [1])),
      0,
    ),
    'i32',
  );

export const cases: readonly Case[] = [
  ...attentionCases,
  ...['negate', 'abs', 'exp', 'tanh', 'erf', 'sin', 'cos'].map((name) => unary(name)),
  ...['log', 'sqrt', 'rsqrt'].map((name) => unary(name, 0.5, 3)),
  ...['add', 'subtract', 'multiply', 'maximum', 'minimum'].map((name) => binary(name)),
  ...['divide', 'power'].map((name) => binary(name, 0.5, 3)),
  {
    name: 'select',
    inputs: [{ shape }, { shape }, { shape }],
    build: (b, [x, y, z]) => o.select(b, o.less(b, x, 0), y, z),
  },
  { name: 'reshape', inputs: [{ shape }], build: (b, [x]) => o.reshape(b, x, [3, 2]) },
  { name: 'transpose', inputs: [{ shape: [2, 3, 4] }], build: (b, [x]) => o.transpose(b, x, [2, 0, 1]) },
  { name: 'broadcast', inputs: [{ shape: [3, 1] }], build: (b, [x]) => o.broadcast(b, x, [2, 3, 4]) },
  { name: 'slice', inputs: [{ shape: [3, 4] }], build: (b, [x]) => o.slice(b, x, [1, 0], [3, 2]) },
  {
    name: 'pad',
    inputs: [{ shape }],
    build: (b, [x]) => b.apply('pad', [x], { before: [1, 0], after: [0, 2] }),
  },
  { name: 'concat', inputs: [{ shape }, { shape: [2, 2] }], build: (b, [x, y]) => o.concat(b, [x, y], 1) },
  { name: 'sum', inputs: [{ shape: [2, 3, 4] }], build: (b, [x]) => o.sum(b, x, [0, 2]) },
  { name: 'max', inputs: [{ shape: [2, 3, 4] }], build: (b, [x]) => o.max(b, x, [1]) },
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB): Case => ({
      name: `matmul${transposeA ? ' of a transposed' : ''}${transposeB ? ' by a transposed' : ''}`,
      inputs: [{ shape: transposeA ? [2, 4, 3] : [2, 3, 4] }, { shape: transposeB ? [2, 5, 4] : [2, 4, 5] }],
      build: (b, [x, y]) => o.matmul(b, x, y, { transposeA, transposeB }),
    })),
  ),
  {
    name: 'gather',
    inputs: [{ shape: [4, 3] }],
    build: (b, [table]) => o.gather(b, table, targets(b, [1, 3, 1])),
  },
  {
    name: 'scatterAdd',
    inputs: [{ shape: [4, 3] }, { shape: [3, 3] }],
    build: (b, [table, rows]) => o.scatterAdd(b, table, targets(b, [1, 3, 1]), rows),
  },
  ...[true, false].map((approximate): Case => ({
    name: `gelu ${approximate ? 'by tanh' : 'by erf'}`,
    inputs: [{ shape: [3, 4], from: -3, to: 3 }],
    build: (b, [x]) => b.apply('gelu', [x], { approximate }),
  })),
  ...[true, false].map((transposed): Case => ({
    name: `linear${transposed ? ' with [out, in]' : ''}`,
    inputs: [{ shape: [2, 3, 4] }, { shape: transposed ? [5, 4] : [4, 5] }, { shape: [5] }],
    build: (b, inputs) => b.apply('linear', inputs, { transposed }),
  })),
  {
    name: 'layerNorm',
    inputs: [{ shape: [3, 5] }, { shape: [5] }, { shape: [5] }],
    build: (b, inputs) => b.apply('layerNorm', inputs, { epsilon: 1e-5 }),
  },
  {
    name: 'rmsNorm',
    inputs: [{ shape: [3, 5] }, { shape: [5] }],
    build: (b, inputs) => b.apply('rmsNorm', inputs, { epsilon: 1e-6 }),
  },
  {
    name: 'attention over packed projections',
    inputs: [{ shape: [2, 3, 12] }],
    build: (b, [qkv]) => attendPacked(b, qkv, 2),
  },
  ...[0, 2].map((chunk): Case => ({
    name: `crossEntropy${chunk ? ' in chunks' : ''}`,
    inputs: [{ shape: [5, 4] }, { shape: [6, 4] }],
    build: (b, [hidden, table]) =>
      b.apply('crossEntropy', [hidden, table, targets(b, [0, 5, -1, 2, 2])], { chunk }),
  })),
  {
    name: 'dropout',
    inputs: [{ shape: [4, 5] }],
    build: (b, [x]) =>
      b.apply('dropout', [x, o.convert(b, targets(b, [7, 1, 0]), 'u32')], {
        rate: 0.4,
        stream: b.nextStream(),
      }),
  },
];

/** Causal attention of q, k, v that lie side by side in [B, T, 3C]; gives [B, T, C]. */
export function attendPacked(b: Builder, qkv: Value, heads: number): Value {
  const [batch, length, width] = qkv.shape;
  const size = width / 3 / heads;
  const [q, k, v] = o
    .split(b, qkv, [width / 3, width / 3, width / 3], 2)
    .map((x) => o.reshape(b, x, [batch, length, heads, size]));
  return o.reshape(b, o.attention(b, q, k, v, { causal: true }).y, [batch, length, width / 3]);
}

/** Draws values for the inputs of a program. */
export function drawInputs(of: Pick<Case, 'inputs'>, seed: number): number[][] {
  const random = createRandom(seed);
  return of.inputs.map(({ shape: dimensions, from = -2, to = 2 }) =>
    Array.from({ length: dimensions.reduce((a, n) => a * n, 1) }, () => from + (to - from) * random()),
  );
}

export const byName = (values: readonly ArrayLike<number>[]) =>
  Object.fromEntries(values.map((value, i) => [`x${i}`, value]));

/** The largest difference, relative to the largest magnitude of what is expected. */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, magnitude] = [0, 1e-30];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(got[i] - expected[i]));
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
  }
  return Number.isNaN(difference) ? Infinity : difference / magnitude;
}

export type { Program };
