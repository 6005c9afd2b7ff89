// Scaled dot-product attention (Vaswani et al. 2017) in the one form that every architecture uses: heads of their own
// or grouped (Ainslie et al. 2023), itself or cross, causal, with a prefix that all see (Raffel et al. 2020), in a
// sliding window (Child et al. 2019), by segments of packed documents, with an added bias (T5) or one that grows with the
// distance (ALiBi), over a cache from some position on, with dropout of the weights.
// No probabilities are kept: the backward pass computes them again from each row's log-sum-exp (Dao et al. 2022), so a
// kernel needs no more than a tile of them. What is written here defines the result; it does build whole matrices.

import * as o from '../primitive-operations.ts';
import { defineComposite, expect, type Builder } from '../definition.ts';
import { sameShape, sizeOf, type Type, type Value } from '../program.ts';
import { drop } from './dropout.ts';

/**
 * Head h reads key head floor(h · Hkv / H). Query i stands at position p = queryOffset + i (offset 0 unless given), key
 * j at j. A key is seen when it is not later (`causal`) or lies in the prefix of its sequence, nearer than `window` (0: any distance), and of the query's
 * segment; everything else weighs exactly 0. A query that sees nothing gives y = 0 and logSumExp = −∞.
 */
export type AttentionAttributes = {
  readonly causal: boolean;
  readonly window: number;
  /** Factor of q · k, before the bias. */
  readonly scale: number;
  /**
   * ALiBi (Press et al. 2022): of each head, what a score gains a position that its key lies farther on; so keys lose with
   * their distance. Empty: nothing.
   */
  readonly slopes: readonly number[];
  /** Weights are set to 0 with this probability and the others divided by 1 − dropout; element [b, h, i, j] of `stream`. */
  readonly dropout: number;
  readonly stream: number;
  readonly hasBias: boolean;
  readonly hasSegments: boolean;
  readonly hasQueryOffset: boolean;
  /** Absent in programs that know no prefix. */
  readonly hasPrefix?: boolean;
};

export type AttentionBackwardAttributes = AttentionAttributes & {
  readonly wantsBias: boolean;
  readonly hasLogSumExpGradient: boolean;
};

/** The inputs of `attention` by name; those of `attentionBackward` from the fourth on are the same. */
export interface AttentionInputs<T extends Type> {
  /** [B, Tq, H, D] */
  readonly q: T;
  /** [B, Tk, Hkv, D] */
  readonly k: T;
  readonly v: T;
  /** [H or 1, Tq, Tk] */
  readonly bias?: T;
  /** i32 [B, Tq] and [B, Tk] */
  readonly querySegments?: T;
  readonly keySegments?: T;
  /** i32 [] or [B] */
  readonly queryOffset?: T;
  /** i32 [B]: so many first keys are seen though they are later. */
  readonly prefix?: T;
  /** u32 [3] [seed, step, lane], with dropout. */
  readonly counter?: T;
}

export function nameAttentionInputs<T extends Type>(
  inputs: readonly T[],
  { hasBias, hasSegments, hasQueryOffset, hasPrefix = false, dropout }: AttentionAttributes,
): AttentionInputs<T> {
  const [q, k, v, ...rest] = inputs;
  const take = (present: boolean) => (present ? rest.shift() : undefined);
  return {
    q,
    k,
    v,
    bias: take(hasBias),
    querySegments: take(hasSegments),
    keySegments: take(hasSegments),
    queryOffset: take(hasQueryOffset),
    prefix: take(hasPrefix),
    counter: take(dropout > 0),
  };
}

/** Outputs y [B, Tq, H, D] and logSumExp [B, H, Tq] of the scores that each query sees. */
export const attention = defineComposite<AttentionAttributes>({
  infer: (inputs, attributes) => {
    const named = nameAttentionInputs(inputs, attributes);
    checkShapes(named, inputs.length, attributes);
    const [batch, length, heads] = named.q.shape;
    return [named.q, { shape: [batch, heads, length], dtype: 'f32' }];
  },
  decompose: (b, inputs, of) => {
    const named = nameAttentionInputs(inputs, of);
    const { scores, hidden } = score(b, named, of); // [B, H, Tq, Tk]
    const visible = hidden ? o.select(b, hidden, lowest, scores) : scores;
    const top = o.maximum(b, o.max(b, visible, [3]), lowest);
    const weights = mask(b, o.exp(b, o.subtract(b, visible, top)), hidden);
    const total = o.sum(b, weights, [3]);
    const blind = o.equal(b, total, 0);
    const probabilities = o.divide(b, weights, o.select(b, blind, 1, total));
    const y = o.matmul(b, dropWeights(b, probabilities, named, of), spreadHeads(b, named.v, named.q));
    const logSumExp = o.select(b, blind, -Infinity, o.add(b, top, o.log(b, o.select(b, blind, 1, total))));
    return [swap(b, y), o.reshape(b, logSumExp, logSumExp.shape.slice(0, 3))];
  },
  gradient: (b, operation, [dy, dLogSumExp], wanted) => {
    const { inputs, outputs, attributes } = operation;
    const [y, logSumExp] = outputs;
    const given = [dy ?? o.constant(b, 0, y.shape), y, logSumExp, ...inputs];
    const biasAt = attributes.hasBias ? 3 : -1;
    const [dq, dk, dv, dBias] = b.applyAll('attentionBackward', dLogSumExp ? [...given, dLogSumExp] : given, {
      ...attributes,
      wantsBias: wanted[biasAt] ?? false,
      hasLogSumExpGradient: dLogSumExp !== undefined,
    });
    return [dq, dk, dv, ...inputs.slice(3).map((_, i) => (i + 3 === biasAt ? dBias : undefined))];
  },
});

/**
 * Inputs dy, y, logSumExp, the inputs of `attention` and, with hasLogSumExpGradient, that gradient [B, H, Tq] at the end;
 * its attributes and wantsBias. Outputs the gradients of q, k, v and, with wantsBias, of the bias.
 */
export const attentionBackward = defineComposite<AttentionBackwardAttributes>({
  infer: (inputs, attributes) => {
    const { q, k, v, bias } = nameAttentionInputs(inputs.slice(3), attributes);
    return attributes.wantsBias ? [q, k, v, bias as Type] : [q, k, v];
  },
  decompose: (b, inputs, of) => {
    const [dy, y, logSumExp] = inputs;
    const named = nameAttentionInputs(inputs.slice(3), of);
    const { q, k, v } = named;
    const perRow = (x: Value) => o.reshape(b, x, [...x.shape, 1]); // [B, H, Tq, 1]
    const { scores, hidden } = score(b, named, of);
    const finite = o.maximum(b, perRow(logSumExp), lowest);
    const probabilities = mask(b, o.exp(b, o.subtract(b, scores, finite)), hidden);
    const rows = swap(b, dy); // [B, H, Tq, D]
    const dv = o.matmul(b, dropWeights(b, probabilities, named, of), rows, { transposeA: true });
    const dp = dropWeights(b, o.matmul(b, rows, spreadHeads(b, v, q), { transposeB: true }), named, of);
    const own = o.sum(b, o.multiply(b, rows, swap(b, y)), [3]);
    const centre = of.hasLogSumExpGradient ? o.subtract(b, own, perRow(inputs[inputs.length - 1])) : own;
    const dScores = o.multiply(b, probabilities, o.subtract(b, dp, centre));
    const scaled = o.multiply(b, dScores, of.scale);
    const dq = swap(b, o.matmul(b, scaled, spreadHeads(b, k, q)));
    const dk = o.matmul(b, scaled, swap(b, q), { transposeA: true });
    const gradients = [dq, gatherHeads(b, dk, k), gatherHeads(b, dv, v)];
    return of.wantsBias ? [...gradients, biasGradient(b, dScores, named.bias as Value)] : gradients;
  },
});

// Stands for −∞ where a difference is taken: finite, so that no difference is NaN, and below any score.
const lowest = -1e30;

/** q · k with scale and bias, and which entries are hidden, if any are: both [B, H, Tq, Tk]. */
function score(b: Builder, named: AttentionInputs<Value>, of: AttentionAttributes) {
  const { causal, window, scale, slopes } = of;
  const { q, k, bias, querySegments, keySegments, queryOffset, prefix } = named;
  const products = o.matmul(b, swap(b, q), spreadHeads(b, k, q), { transposeB: true });
  const scaled = o.multiply(b, products, scale);
  const biased = bias ? o.add(b, scaled, bias) : scaled;
  const [batch, queries] = q.shape;
  const keys = k.shape[1];
  const own = o.iota(b, [1, 1, queries, 1], 2);
  const offset =
    queryOffset && o.reshape(b, queryOffset, queryOffset.shape.length ? [batch, 1, 1, 1] : [1, 1, 1, 1]);
  const at = offset ? o.add(b, own, offset) : own;
  const key = o.iota(b, [1, 1, 1, keys], 3);
  const scores = slopes.length > 0 ? o.add(b, biased, incline(b, o.subtract(b, key, at), slopes)) : biased;
  const rules: Value[] = [];
  const reach = prefix ? o.maximum(b, at, o.subtract(b, o.reshape(b, prefix, [batch, 1, 1, 1]), 1)) : at;
  if (causal) rules.push(o.less(b, reach, key));
  if (window > 0) rules.push(o.less(b, key, o.subtract(b, at, window - 1)));
  if (window > 0 && !causal) rules.push(o.less(b, o.add(b, at, window - 1), key));
  if (querySegments && keySegments) {
    const one = o.reshape(b, querySegments, [batch, 1, queries, 1]);
    const same = o.equal(b, one, o.reshape(b, keySegments, [batch, 1, 1, keys]));
    rules.push(o.select(b, same, o.constant(b, 0, [], 'bool'), o.constant(b, 1, [], 'bool')));
  }
  if (rules.length === 0) return { scores, hidden: undefined };
  const any = rules.reduce((x, y) => o.select(b, x, o.constant(b, 1, [], 'bool'), y));
  return { scores, hidden: o.broadcast(b, any, scores.shape) };
}

/** Differences of positions i32 [1 or B, 1, Tq, Tk] → what each head adds. */
function incline(b: Builder, difference: Value, slopes: readonly number[]): Value {
  const perHead = o.reshape(b, o.literal(b, slopes), [1, slopes.length, 1, 1]);
  return o.multiply(b, o.convert(b, difference, 'f32'), perHead);
}

const mask = (b: Builder, x: Value, hidden: Value | undefined) => (hidden ? o.select(b, hidden, 0, x) : x);

function dropWeights(
  b: Builder,
  x: Value,
  { counter }: AttentionInputs<Value>,
  { dropout, stream }: AttentionAttributes,
): Value {
  return counter ? drop(b, x, counter, { rate: dropout, stream }) : x;
}

/** [B, T, H, D] ↔ [B, H, T, D] */
const swap = (b: Builder, x: Value) => o.transpose(b, x, [0, 2, 1, 3]);

/** Key or value heads [B, Tk, Hkv, D] for every query head: [B, H, Tk, D]. */
function spreadHeads(b: Builder, x: Value, { shape: [, , heads] }: Type): Value {
  const [batch, length, groups, size] = x.shape;
  const rows = swap(b, x);
  if (groups === heads) return rows;
  const apart = o.reshape(b, rows, [batch, groups, 1, length, size]);
  const spread = o.broadcast(b, apart, [batch, groups, heads / groups, length, size]);
  return o.reshape(b, spread, [batch, heads, length, size]);
}

/** Gradients [B, H, Tk, D] of the heads that share one, added up: [B, Tk, Hkv, D]. */
function gatherHeads(b: Builder, x: Value, { shape: [batch, length, groups, size] }: Type): Value {
  const heads = x.shape[1];
  if (groups === heads) return swap(b, x);
  const apart = o.reshape(b, x, [batch, groups, heads / groups, length, size]);
  return swap(b, o.reshape(b, o.sum(b, apart, [2]), [batch, groups, length, size]));
}

function biasGradient(b: Builder, dScores: Value, bias: Value): Value {
  const shared = bias.shape[0] === 1 ? [0, 1] : [0];
  return o.reshape(b, o.sum(b, dScores, shared), bias.shape);
}

function checkShapes(named: AttentionInputs<Type>, count: number, of: AttentionAttributes): void {
  const { q, k, v, bias, querySegments, keySegments, queryOffset, prefix, counter } = named;
  expect(
    [q, k, v].every((x) => x?.dtype === 'f32'),
    'f32 expected',
  );
  expect(q?.shape.length === 4 && k?.shape.length === 4, 'q [B, Tq, H, D] and k [B, Tk, Hkv, D] expected');
  const [batch, queries, heads, size] = q.shape;
  const [, keys, groups] = k.shape;
  expect(
    sameShape(k.shape, [batch, keys, groups, size]) && sameShape(v.shape, k.shape),
    'k and v do not fit q',
  );
  expect(heads % groups === 0, `${groups} key heads do not divide ${heads} heads`);
  expect(of.slopes.length === 0 || of.slopes.length === heads, 'a slope for each head expected');
  expect(
    !of.hasBias ||
      (bias?.shape.length === 3 &&
        [1, heads].includes(bias.shape[0]) &&
        sameShape(bias.shape.slice(1), [queries, keys])),
    'a bias [H or 1, Tq, Tk] expected',
  );
  expect(
    !of.hasSegments ||
      (querySegments?.dtype === 'i32' &&
        keySegments?.dtype === 'i32' &&
        sameShape(querySegments.shape, [batch, queries]) &&
        sameShape(keySegments.shape, [batch, keys])),
    'segments i32[B, Tq] and i32[B, Tk] expected',
  );
  expect(
    !of.hasQueryOffset ||
      (queryOffset?.dtype === 'i32' &&
        (queryOffset.shape.length === 0 || sameShape(queryOffset.shape, [batch]))),
    'a query offset i32[] or i32[B] expected',
  );
  expect(
    !of.hasPrefix || (of.causal && prefix?.dtype === 'i32' && sameShape(prefix.shape, [batch])),
    'a prefix i32[B] of causal attention expected',
  );
  expect(of.dropout === 0 || (counter?.dtype === 'u32' && sizeOf(counter.shape) === 3), 'a counter expected');
  const given = 3 + Object.values(named).slice(3).filter(Boolean).length;
  expect(given === count, `${given} inputs expected, not ${count}`);
}
