// Every primitive, most of them with a gradient.
import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { Case } from './cases.ts';
import { counterOf, integers } from './integers.ts';

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

/** Numbers that have no gradient, made into a factor of x. */
const factor = (name: string, build: (b: Builder, x: Value) => Value): Case => ({
  name,
  inputs: [{ shape }],
  build: (b, [x]) => o.multiply(b, x, o.convert(b, build(b, x), 'f32')),
});

/** Starts that lie inside, before the beginning, and where the part would reach beyond the end. */
const starts = [
  [1, 2],
  [-3, 0],
  [2, 99],
];

const products = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB): Case => ({
    name: `matmul${transposeA ? ' of a transposed' : ''}${transposeB ? ' by a transposed' : ''}`,
    inputs: [{ shape: transposeA ? [2, 4, 3] : [2, 3, 4] }, { shape: transposeB ? [2, 5, 4] : [2, 4, 5] }],
    build: (b, [x, y]) => o.matmul(b, x, y, { transposeA, transposeB }),
  })),
);

export const cases: readonly Case[] = [
  ...['negate', 'abs', 'exp', 'tanh', 'erf', 'sin', 'cos', 'barrier'].map((name) => unary(name)),
  ...['log', 'sqrt', 'rsqrt'].map((name) => unary(name, 0.5, 3)),
  ...['add', 'subtract', 'multiply', 'maximum', 'minimum'].map((name) => binary(name)),
  ...['divide', 'power'].map((name) => binary(name, 0.5, 3)),
  {
    name: 'select',
    inputs: [{ shape }, { shape }, { shape }],
    build: (b, [x, y, z]) => o.select(b, o.less(b, x, 0), y, z),
  },
  factor('iota', (b) => o.iota(b, shape, 1)),
  factor('literal', (b) => o.literal(b, [1.5, -2, 1 / 3])),
  factor('philox', (b) => o.less(b, o.philox(b, counterOf(b), shape, 3), 2 ** 31)),
  factor('equal', (b, x) => o.equal(b, o.convert(b, x, 'i32'), 1)),
  factor('and, or, not', (b, x) =>
    o.or(b, o.and(b, o.less(b, x, 0.5), o.less(b, -0.5, x)), o.not(b, o.less(b, x, 1))),
  ),
  factor('argMax', (b, x) => o.add(b, o.broadcast(b, o.argMax(b, x), shape), 1)),
  {
    name: 'stopGradient',
    inputs: [{ shape }, { shape }],
    build: (b, [x, y]) => o.add(b, y, o.stopGradient(b, o.convert(b, o.convert(b, x, 'i32'), 'f32'))),
  },
  { name: 'reshape', inputs: [{ shape }], build: (b, [x]) => o.reshape(b, x, [3, 2]) },
  { name: 'transpose', inputs: [{ shape: [2, 3, 4] }], build: (b, [x]) => o.transpose(b, x, [2, 0, 1]) },
  { name: 'broadcast', inputs: [{ shape: [3, 1] }], build: (b, [x]) => o.broadcast(b, x, [2, 3, 4]) },
  { name: 'slice', inputs: [{ shape: [3, 4] }], build: (b, [x]) => o.slice(b, x, [1, 0], [3, 2]) },
  { name: 'pad', inputs: [{ shape }], build: (b, [x]) => o.pad(b, x, [1, 0], [0, 2]) },
  { name: 'concat', inputs: [{ shape }, { shape: [2, 2] }], build: (b, [x, y]) => o.concat(b, [x, y], 1) },
  ...starts.flatMap((start): Case[] => [
    {
      name: `dynamicSlice at ${String(start)}`,
      inputs: [{ shape: [3, 4] }],
      build: (b, [x]) => o.dynamicSlice(b, x, integers(b, start), [2, 2]),
    },
    {
      name: `dynamicUpdateSlice at ${String(start)}`,
      inputs: [{ shape: [3, 4] }, { shape: [2, 2] }],
      build: (b, [x, part]) => o.dynamicUpdateSlice(b, x, part, integers(b, start)),
    },
  ]),
  { name: 'sum', inputs: [{ shape: [2, 3, 4] }], build: (b, [x]) => o.sum(b, x, [0, 2]) },
  { name: 'max', inputs: [{ shape: [2, 3, 4] }], build: (b, [x]) => o.max(b, x, [1]) },
  ...products,
  {
    name: 'gather',
    inputs: [{ shape: [4, 3] }],
    build: (b, [table]) => o.gather(b, table, integers(b, [1, 3, 1])),
  },
  {
    name: 'gather outside the table',
    inputs: [{ shape: [4, 3] }],
    build: (b, [table]) => o.gather(b, table, integers(b, [4, 3, -1, -4, 2 ** 31 - 1, -(2 ** 31)], [2, 3])),
  },
  {
    name: 'scatterAdd',
    inputs: [{ shape: [4, 3] }, { shape: [3, 3] }],
    build: (b, [table, rows]) => o.scatterAdd(b, table, integers(b, [1, 3, 1]), rows),
  },
  {
    name: 'scatterAdd outside the table',
    inputs: [{ shape: [4, 3] }, { shape: [2, 3, 3] }],
    build: (b, [table, rows]) =>
      o.scatterAdd(b, table, integers(b, [4, 3, -1, -4, 2 ** 31 - 1, -(2 ** 31)], [2, 3]), rows),
  },
];
