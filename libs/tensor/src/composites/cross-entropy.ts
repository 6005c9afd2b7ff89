// The language-model head and its loss in one: logits = hidden · tableᵀ, loss = −log softmax(logits)[target].
// With chunk = 0 the probabilities are kept for the backward pass; else rows are taken in chunks, so that never more
// than chunk × V logits exist, and the backward pass computes them again from each row's log-sum-exp.
// A negative target is left out: its loss and gradient are zero.

import type { Builder } from '../builder.ts';
import type { Composite } from '../composite.ts';
import * as o from '../operations.ts';
import { expect } from '../primitives.ts';
import type { Value } from '../program.ts';

/** Inputs hidden [N, C], table [V, C], targets i32[N]; attribute chunk. Outputs losses [N, 1] and what is kept. */
export const crossEntropy: Composite = {
  infer: ([hidden, table, targets], { chunk }) => {
    const [n, width] = hidden.shape;
    expect(
      table.shape[1] === width && targets.shape[0] === n && targets.dtype === 'i32',
      'shapes do not fit',
    );
    return [
      { shape: [n, 1], dtype: 'f32' },
      { shape: [n, chunk === 0 ? table.shape[0] : 1], dtype: 'f32' },
    ];
  },
  decompose: (b, [hidden, table, targets], { chunk }) => {
    const parts = chunks(hidden.shape[0], chunk as number).map(([from, to]) => {
      const logits = o.matmul(b, rowRange(b, hidden, from, to), table, { transposeB: true });
      const logSumExp = computeLogSumExp(b, logits);
      const hit = oneHot(b, rowRange(b, targets, from, to), table.shape[0]);
      const losses = o.sum(b, o.multiply(b, o.subtract(b, logSumExp, logits), hit), [1]);
      return [losses, chunk === 0 ? o.exp(b, o.subtract(b, logits, logSumExp)) : logSumExp];
    });
    return [0, 1].map((i) =>
      joinRows(
        b,
        parts.map((part) => part[i]),
      ),
    );
  },
  gradient: (b, { inputs: [hidden, table, targets], outputs: [, kept], attributes }, [g]) => [
    ...b.applyAll('crossEntropyBackward', [hidden, table, targets, kept, g as Value], attributes),
    undefined,
  ],
};

/** Inputs hidden, table, targets, what was kept, and the losses' gradient [N, 1]; outputs those of hidden and table. */
export const crossEntropyBackward: Composite = {
  infer: ([hidden, table]) => [hidden, table],
  decompose: (b, [hidden, table, targets, kept, g], { chunk }) => {
    const parts = chunks(hidden.shape[0], chunk as number).map(([from, to]) => {
      const rows = rowRange(b, hidden, from, to);
      const keptRows = rowRange(b, kept, from, to);
      const logits = () => o.matmul(b, rows, table, { transposeB: true });
      const probabilities = chunk === 0 ? keptRows : o.exp(b, o.subtract(b, logits(), keptRows));
      const target = rowRange(b, targets, from, to);
      const weight = o.select(
        b,
        o.less(b, o.reshape(b, target, [to - from, 1]), 0),
        0,
        rowRange(b, g, from, to),
      );
      const dLogits = o.multiply(b, o.subtract(b, probabilities, oneHot(b, target, table.shape[0])), weight);
      return [o.matmul(b, dLogits, table), o.matmul(b, dLogits, rows, { transposeA: true })];
    });
    const dTable = parts.map((part) => part[1]).reduce((sum, part) => o.add(b, sum, part));
    return [
      joinRows(
        b,
        parts.map((part) => part[0]),
      ),
      dTable,
    ];
  },
};

function computeLogSumExp(b: Builder, logits: Value): Value {
  const top = o.max(b, logits, [1]);
  return o.add(b, o.log(b, o.sum(b, o.exp(b, o.subtract(b, logits, top)), [1])), top);
}

/** targets i32[n] → f32[n, V], a row of zeros for a negative target. */
function oneHot(b: Builder, targets: Value, vocabSize: number): Value {
  const n = targets.shape[0];
  return o.convert(b, o.equal(b, o.iota(b, [n, vocabSize], 1), o.reshape(b, targets, [n, 1])), 'f32');
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
