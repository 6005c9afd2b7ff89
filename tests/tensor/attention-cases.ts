// Attention in all its forms, for every test that goes over cases: small enough for central differences.
import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { Case } from './cases.ts';
import { counterOf, integers } from './integers.ts';

type Options = Parameters<typeof o.attention>[4];

export interface AttentionCase {
  readonly name: string;
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly groups: number;
  readonly size: number;
  readonly causal?: boolean;
  readonly window?: number;
  readonly scale?: number;
  /** ALiBi's, one a head. */
  readonly slopes?: readonly number[];
  /** Heads of the bias. */
  readonly bias?: number;
  /** Of queries and of keys, row after row. */
  readonly segments?: readonly [readonly number[], readonly number[]];
  /** One number, or one a row of the batch. */
  readonly offset?: readonly number[];
  /** One a row of the batch. */
  readonly prefix?: readonly number[];
  readonly dropout?: number;
}

const plain = { batch: 2, queries: 3, keys: 3, heads: 2, groups: 2, size: 3 };

export const attentionCases: readonly AttentionCase[] = [
  { ...plain, name: 'attention' },
  { ...plain, name: 'causal attention', causal: true, scale: 0.5 },
  { ...plain, name: 'attention in a window', queries: 5, keys: 5, window: 2 },
  { ...plain, name: 'causal attention in a window', queries: 5, keys: 5, window: 2, causal: true },
  { ...plain, name: 'attention of grouped heads', heads: 4, causal: true },
  { ...plain, name: 'attention of one key head', heads: 3, groups: 1 },
  { ...plain, name: 'cross-attention', queries: 2, keys: 5 },
  { ...plain, name: 'attention with a bias a head', bias: 2 },
  { ...plain, name: 'causal attention with one bias for all heads', bias: 1, causal: true },
  { ...plain, name: 'attention with slopes', slopes: [0.5, 0.25], causal: true },
  {
    ...plain,
    name: 'attention with slopes over a cache',
    slopes: [0.7, 0.3],
    keys: 6,
    causal: true,
    offset: [3],
  },
  {
    ...plain,
    name: 'attention by segments',
    causal: true,
    segments: [
      [0, 0, 1, 3, 3, 3],
      [0, 0, 1, 3, 4, 3],
    ],
  },
  {
    ...plain,
    name: 'attention of a query that sees nothing',
    queries: 2,
    segments: [
      [0, 9, 1, 1],
      [0, 0, 1, 1, 2, 2],
    ],
  },
  { ...plain, name: 'attention over a cache', queries: 2, keys: 6, causal: true, offset: [3] },
  {
    ...plain,
    name: 'attention over caches of unequal length',
    queries: 1,
    keys: 6,
    causal: true,
    offset: [2, 5],
    window: 3,
  },
  { ...plain, name: 'attention with dropout', dropout: 0.3, causal: true },
  { ...plain, name: 'causal attention with a prefix', queries: 4, keys: 4, causal: true, prefix: [3, 0] },
  {
    ...plain,
    name: 'attention with a prefix over a cache',
    queries: 2,
    keys: 6,
    causal: true,
    offset: [1, 3],
    prefix: [5, 2],
    heads: 4,
    bias: 4,
    window: 3,
  },
  {
    ...plain,
    name: 'attention with a bias of grouped heads',
    queries: 5,
    keys: 7,
    heads: 4,
    bias: 4,
    scale: 1,
    segments: [
      [0, 0, 1, 1, 2, 0, 0, 0, 0, 9],
      [0, 0, 1, 1, 1, 2, 2, 0, 0, 0, 0, 0, -1, -1],
    ],
  },
  {
    ...plain,
    name: 'attention with everything',
    queries: 3,
    keys: 5,
    heads: 4,
    causal: true,
    window: 4,
    slopes: [0.5, 0.25, 0.1, 0],
    bias: 4,
    offset: [2, 1],
    dropout: 0.2,
    segments: [
      [0, 0, 1, 1, 1, 1],
      [0, 0, 0, 1, 1, 1, 1, 1, 1, 1],
    ],
  },
];

/** The shapes of q, k, v and, where there is one, of the bias. */
export function shapesOf(of: AttentionCase): number[][] {
  const { batch, queries, keys, heads, groups, size, bias } = of;
  const shapes = [
    [batch, queries, heads, size],
    [batch, keys, groups, size],
    [batch, keys, groups, size],
  ];
  return bias ? [...shapes, [bias, queries, keys]] : shapes;
}

export function addAttention(b: Builder, of: AttentionCase, [q, k, v, bias]: readonly Value[]) {
  const { batch, queries, keys, causal, window, scale, slopes, segments, offset, prefix, dropout } = of;
  const options: Options = {
    causal,
    window,
    scale,
    slopes,
    bias,
    segments: segments && [
      integers(b, segments[0], [batch, queries]),
      integers(b, segments[1], [batch, keys]),
    ],
    queryOffset: offset && integers(b, offset, offset.length === 1 ? [] : [batch]),
    prefix: prefix && integers(b, prefix, [batch]),
    dropout: dropout === undefined ? undefined : { rate: dropout, counter: counterOf(b) },
  };
  return o.attention(b, q, k, v, options);
}

export const cases: readonly Case[] = [
  ...attentionCases.map((one): Case => ({
    name: one.name,
    inputs: shapesOf(one).map((shape) => ({ shape })),
    build: (b, inputs) => addAttention(b, one, inputs).y,
  })),
  {
    name: 'the log-sum-exp of attention',
    inputs: shapesOf(plain as AttentionCase).map((shape) => ({ shape })),
    build: (b, inputs) => {
      const { y, logSumExp } = addAttention(b, { ...plain, name: '', causal: true }, inputs);
      return o.concat(b, [o.reshape(b, y, [36]), o.reshape(b, logSumExp, [12])], 0);
    },
  },
  {
    name: 'attention over packed projections',
    inputs: [{ shape: [2, 3, 12] }],
    build: (b, [qkv]) => attendPacked(b, qkv, 2),
  },
  {
    name: 'split',
    inputs: [{ shape: [2, 6, 2] }],
    build: (b, [x]) => {
      const [first, second] = o.split(b, x, [2, 3, 1], 1);
      return o.concat(b, [second, first], 1); // the third part goes nowhere
    },
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
