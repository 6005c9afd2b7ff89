// Multi-head scaled dot-product self-attention (Vaswani et al. 2017) over packed projections qkv [B, T, 3C], as GPT-2
// lays them out: q, k, v, each [heads, C / heads]. The probabilities are kept for the backward pass.
// attention.ts is the general one; this goes when the cpu executor reads packed projections there.

import type { Builder } from '../builder.ts';
import type { Composite } from '../composite.ts';
import * as o from '../operations.ts';
import { expect } from '../primitives.ts';
import type { Attributes, Value } from '../program.ts';

const masked = -1e30;

/** Input qkv; attributes heads, causal. Outputs y [B, T, C] and probabilities [B, heads, T, T]. */
export const packedAttention: Composite = {
  infer: ([qkv], { heads }) => {
    const [batch, length, width] = qkv.shape;
    expect(qkv.shape.length === 3 && width % (3 * (heads as number)) === 0, 'heads do not divide the width');
    return [
      { shape: [batch, length, width / 3], dtype: qkv.dtype },
      { shape: [batch, heads as number, length, length], dtype: qkv.dtype },
    ];
  },
  decompose: (b, [qkv], attributes) => {
    const [q, k, v] = splitHeads(b, qkv, attributes); // [B, H, T, D]
    const scores = o.multiply(b, o.matmul(b, q, k, { transposeB: true }), scaleOf(q));
    const visible = attributes.causal ? maskFuture(b, scores) : scores;
    const shifted = o.exp(b, o.subtract(b, visible, o.max(b, visible, [3])));
    const probabilities = o.divide(b, shifted, o.sum(b, shifted, [3]));
    return [mergeHeads(b, o.matmul(b, probabilities, v)), probabilities];
  },
  gradient: (b, { inputs: [qkv], outputs: [, probabilities], attributes }, [g]) => [
    b.apply('packedAttentionBackward', [qkv, probabilities, g as Value], attributes),
  ],
};

/** Inputs qkv, probabilities and the gradient of y; output the gradient of qkv. */
export const packedAttentionBackward: Composite = {
  infer: ([qkv]) => [qkv],
  decompose: (b, [qkv, probabilities, g], attributes) => {
    const [batch, length, width] = g.shape;
    const heads = attributes.heads as number;
    const [q, k, v] = splitHeads(b, qkv, attributes);
    const dy = o.transpose(b, o.reshape(b, g, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
    const dv = o.matmul(b, probabilities, dy, { transposeA: true });
    const dp = o.matmul(b, dy, v, { transposeB: true });
    const centre = o.sum(b, o.multiply(b, dp, probabilities), [3]);
    const dScores = o.multiply(b, o.multiply(b, probabilities, o.subtract(b, dp, centre)), scaleOf(q));
    const dq = o.matmul(b, dScores, k);
    const dk = o.matmul(b, dScores, q, { transposeA: true });
    return [
      o.concat(
        b,
        [dq, dk, dv].map((x) => mergeHeads(b, x)),
        2,
      ),
    ];
  },
};

const scaleOf = (q: Value) => 1 / Math.sqrt(q.shape[3]);

function splitHeads(b: Builder, qkv: Value, { heads }: Attributes): Value[] {
  const [batch, length, width] = qkv.shape;
  const size = width / 3;
  return [0, 1, 2].map((part) => {
    const one = o.slice(b, qkv, [0, 0, part * size], [batch, length, (part + 1) * size]);
    return o.transpose(
      b,
      o.reshape(b, one, [batch, length, heads as number, size / (heads as number)]),
      [0, 2, 1, 3],
    );
  });
}

function mergeHeads(b: Builder, x: Value): Value {
  const [batch, heads, length, size] = x.shape;
  return o.reshape(b, o.transpose(b, x, [0, 2, 1, 3]), [batch, length, heads * size]);
}

function maskFuture(b: Builder, scores: Value): Value {
  const length = scores.shape[2];
  const future = o.less(b, o.iota(b, [length, length], 0), o.iota(b, [length, length], 1)); // row < column
  return o.select(b, future, masked, scores);
}
