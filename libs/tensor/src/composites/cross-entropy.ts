// The language-model head and its loss in one: logits = hidden · tableᵀ + bias, loss = −log softmax(logits)[target].
// With chunk = 0 the probabilities are kept for the backward pass; else rows are taken in chunks, so that never more
// than chunk × V logits exist, and the backward pass computes them again from each row's log-sum-exp.
// A target that is no row of the table, a negative one above all, is left out: its loss and gradient are zero.

import { defineComposite, expect, type Builder } from '../definition.ts';
import * as o from '../primitive-operations.ts';
import { sameShape, type Type, type Value } from '../program.ts';

export type CrossEntropyAttributes = {
  /** Rows whose logits exist at once; 0: all. */
  readonly chunk: number;
  /** Label smoothing (Szegedy et al. 2016): this share of the target is spread over the whole vocabulary; 0 without. */
  readonly smoothing?: number;
  /** Logits z become c · tanh(z / c) (Gemma 2); 0 without. Then only each row's log-sum-exp is kept, whatever the chunk. */
  readonly softcap?: number;
};

/** Are the probabilities kept for the backward pass, or logits computed anew? */
export const keepsAll = ({ chunk, softcap = 0 }: CrossEntropyAttributes) => chunk === 0 && softcap === 0;

/** Inputs hidden [N, C], table [V, C], targets i32[N], maybe bias [V]. Outputs losses [N, 1] and what is kept. */
export const crossEntropy = defineComposite<CrossEntropyAttributes>({
  infer: ([hidden, table, targets, bias], attributes) => {
    const [n, width] = hidden.shape;
    const [vocabSize] = table.shape;
    expect(hidden.dtype === 'f32' && table.dtype === 'f32', 'f32 expected');
    expect(
      table.shape[1] === width && targets.shape[0] === n && targets.dtype === 'i32',
      'shapes do not fit',
    );
    expect(!bias || sameShape(bias.shape, [vocabSize]), 'the bias does not fit');
    return [
      { shape: [n, 1], dtype: 'f32' },
      { shape: [n, keepsAll(attributes) ? vocabSize : 1], dtype: 'f32' },
    ];
  },
  decompose: (b, [hidden, table, targets, bias], attributes) => {
    const { chunk, smoothing = 0, softcap = 0 } = attributes;
    const [vocabSize] = table.shape;
    const parts = chunks(hidden.shape[0], chunk).map(([from, to]) => {
      const logits = cap(b, computeLogits(b, rowRange(b, hidden, from, to), table, bias), softcap);
      const logSumExp = computeLogSumExp(b, logits);
      const surprise = o.subtract(b, logSumExp, logits);
      const wanted = describeTargets(b, rowRange(b, targets, from, to), vocabSize, smoothing);
      const losses = o.sum(b, o.multiply(b, surprise, wanted), [1]);
      return [losses, keepsAll(attributes) ? o.exp(b, o.negate(b, surprise)) : logSumExp];
    });
    return [0, 1].map((i) =>
      joinRows(
        b,
        parts.map((part) => part[i]),
      ),
    );
  },
  gradient: (b, { inputs, outputs: [, kept], attributes }, [g]) => {
    const [hidden, table, targets, ...bias] = inputs;
    const [dHidden, dTable, dBias] = b.applyAll(
      'crossEntropyBackward',
      [hidden, table, targets, kept, g as Value, ...bias],
      attributes,
    );
    return [dHidden, dTable, undefined, dBias];
  },
});

/** Inputs hidden, table, targets, what was kept, the losses' gradient [N, 1], maybe bias; outputs those of hidden, table, bias. */
export const crossEntropyBackward = defineComposite<CrossEntropyAttributes>({
  infer: ([hidden, table, , , , bias]): Type[] => (bias ? [hidden, table, bias] : [hidden, table]),
  decompose: (b, [hidden, table, targets, kept, g, bias], attributes) => {
    const { chunk, smoothing = 0, softcap = 0 } = attributes;
    const [vocabSize] = table.shape;
    const parts = chunks(hidden.shape[0], chunk).map(([from, to]) => {
      const rows = rowRange(b, hidden, from, to);
      const keptRows = rowRange(b, kept, from, to);
      const isKept = keepsAll(attributes);
      const logits = isKept ? undefined : cap(b, computeLogits(b, rows, table, bias), softcap);
      const probabilities = logits ? o.exp(b, o.subtract(b, logits, keptRows)) : keptRows;
      const target = rowRange(b, targets, from, to);
      const wanted = describeTargets(b, target, vocabSize, smoothing);
      const counts = o.reshape(b, isTarget(b, target, vocabSize), [to - from, 1]);
      const weight = o.select(b, counts, rowRange(b, g, from, to), 0);
      const dCapped = o.multiply(b, o.subtract(b, probabilities, wanted), weight);
      const dLogits = logits && softcap > 0 ? o.multiply(b, dCapped, slopeOf(b, logits, softcap)) : dCapped;
      const dTable = o.matmul(b, dLogits, rows, { transposeA: true });
      return { dHidden: o.matmul(b, dLogits, table), dTable, dBias: bias && o.sum(b, dLogits, [0]) };
    });
    const addUp = (values: readonly Value[]) => values.reduce((sum, value) => o.add(b, sum, value));
    const dHidden = joinRows(
      b,
      parts.map((part) => part.dHidden),
    );
    const dTable = addUp(parts.map((part) => part.dTable));
    if (!bias) return [dHidden, dTable];
    return [dHidden, dTable, o.reshape(b, addUp(parts.map((part) => part.dBias as Value)), bias.shape)];
  },
});

function computeLogits(b: Builder, rows: Value, table: Value, bias: Value | undefined): Value {
  const product = o.matmul(b, rows, table, { transposeB: true });
  return bias ? o.add(b, product, bias) : product;
}

const cap = (b: Builder, logits: Value, softcap: number) =>
  softcap > 0 ? o.multiply(b, o.tanh(b, o.multiply(b, logits, 1 / softcap)), softcap) : logits;

/** Of the cap, by what it gives: 1 − (y / c)². */
function slopeOf(b: Builder, capped: Value, softcap: number): Value {
  const share = o.multiply(b, capped, 1 / softcap);
  return o.subtract(b, 1, o.multiply(b, share, share));
}

function computeLogSumExp(b: Builder, logits: Value): Value {
  const top = o.max(b, logits, [1]);
  return o.add(b, o.log(b, o.sum(b, o.exp(b, o.subtract(b, logits, top)), [1])), top);
}

/** Which of the targets i32[n] count: bool[n]. */
export function isTarget(b: Builder, targets: Value, vocabSize: number): Value {
  return o.and(b, o.less(b, -1, targets), o.less(b, targets, vocabSize));
}

/** targets i32[n] → the distribution that is wanted, f32[n, V]; a row of zeros for one that does not count. */
function describeTargets(b: Builder, targets: Value, vocabSize: number, smoothing: number): Value {
  const n = targets.shape[0];
  const hit = o.convert(b, o.equal(b, o.iota(b, [n, vocabSize], 1), o.reshape(b, targets, [n, 1])), 'f32');
  if (smoothing === 0) return hit;
  const counts = o.reshape(b, o.convert(b, isTarget(b, targets, vocabSize), 'f32'), [n, 1]);
  return o.add(b, o.multiply(b, hit, 1 - smoothing), o.multiply(b, counts, smoothing / vocabSize));
}

function rowRange(b: Builder, x: Value, from: number, to: number): Value {
  if (from === 0 && to === x.shape[0]) return x;
  return o.slice(b, x, [from, ...x.shape.slice(1).map(() => 0)], [to, ...x.shape.slice(1)]);
}

function joinRows(b: Builder, parts: readonly Value[]): Value {
  return parts.length === 1 ? parts[0] : o.concat(b, parts, 0);
}

/** Row ranges [from, to) of at most `chunk` rows; all rows at once for 0. */
export function chunks(rows: number, chunk: number): [number, number][] {
  const step = chunk === 0 ? rows : chunk;
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) => [i * step, Math.min(rows, (i + 1) * step)]);
}
