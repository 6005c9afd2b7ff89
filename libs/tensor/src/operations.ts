// The vocabulary in which models are written: one function an operation, broadcasting elementwise operands by
// numpy's rule. Every function adds to the builder that is its first argument.

import type { Builder } from './builder.ts';
import { sameShape, type DType, type Value } from './program.ts';

type Shape = readonly number[];

export const constant = (b: Builder, value: number, shape: Shape = [], dtype: DType = 'f32') =>
  b.apply('constant', [], { value, shape, dtype });
export const iota = (b: Builder, shape: Shape, axis: number) => b.apply('iota', [], { shape, axis });

export const convert = (b: Builder, x: Value, dtype: DType) =>
  x.dtype === dtype ? x : b.apply('convert', [x], { dtype });
export const negate = (b: Builder, x: Value) => b.apply('negate', [x]);
export const abs = (b: Builder, x: Value) => b.apply('abs', [x]);
export const exp = (b: Builder, x: Value) => b.apply('exp', [x]);
export const log = (b: Builder, x: Value) => b.apply('log', [x]);
export const tanh = (b: Builder, x: Value) => b.apply('tanh', [x]);
export const erf = (b: Builder, x: Value) => b.apply('erf', [x]);
export const sqrt = (b: Builder, x: Value) => b.apply('sqrt', [x]);
export const rsqrt = (b: Builder, x: Value) => b.apply('rsqrt', [x]);
export const sin = (b: Builder, x: Value) => b.apply('sin', [x]);
export const cos = (b: Builder, x: Value) => b.apply('cos', [x]);
export const stopGradient = (b: Builder, x: Value) => b.apply('stopGradient', [x]);

type Operand = Value | number;
export const add = (b: Builder, x: Operand, y: Operand) => binary(b, 'add', x, y);
export const subtract = (b: Builder, x: Operand, y: Operand) => binary(b, 'subtract', x, y);
export const multiply = (b: Builder, x: Operand, y: Operand) => binary(b, 'multiply', x, y);
export const divide = (b: Builder, x: Operand, y: Operand) => binary(b, 'divide', x, y);
export const maximum = (b: Builder, x: Operand, y: Operand) => binary(b, 'maximum', x, y);
export const minimum = (b: Builder, x: Operand, y: Operand) => binary(b, 'minimum', x, y);
export const power = (b: Builder, x: Operand, y: Operand) => binary(b, 'power', x, y);
export const equal = (b: Builder, x: Operand, y: Operand) => binary(b, 'equal', x, y);
export const less = (b: Builder, x: Operand, y: Operand) => binary(b, 'less', x, y);

function binary(b: Builder, name: string, x: Operand, y: Operand): Value {
  const like = typeof x === 'number' ? (y as Value) : x;
  const [left, right] = [x, y].map((o) => (typeof o === 'number' ? constant(b, o, [], like.dtype) : o));
  const shape = broadcastShape(left.shape, right.shape);
  return b.apply(name, [broadcast(b, left, shape), broadcast(b, right, shape)]);
}

function broadcastShape(x: Shape, y: Shape): number[] {
  const rank = Math.max(x.length, y.length);
  return Array.from({ length: rank }, (_, i) =>
    Math.max(x[i - rank + x.length] ?? 1, y[i - rank + y.length] ?? 1),
  );
}

export function select(b: Builder, condition: Value, x: Operand, y: Operand): Value {
  const like = typeof x === 'number' ? (y as Value) : x;
  const [left, right] = [x, y].map((o) => (typeof o === 'number' ? constant(b, o, [], like.dtype) : o));
  const shape = broadcastShape(condition.shape, broadcastShape(left.shape, right.shape));
  return b.apply('select', [
    broadcast(b, condition, shape),
    broadcast(b, left, shape),
    broadcast(b, right, shape),
  ]);
}

export const broadcast = (b: Builder, x: Value, shape: Shape) =>
  sameShape(x.shape, shape) ? x : b.apply('broadcast', [x], { shape });
export const reshape = (b: Builder, x: Value, shape: Shape) =>
  sameShape(x.shape, shape) ? x : b.apply('reshape', [x], { shape });
export const transpose = (b: Builder, x: Value, permutation: Shape) =>
  b.apply('transpose', [x], { permutation });
export const slice = (b: Builder, x: Value, start: Shape, end: Shape) =>
  b.apply('slice', [x], { start, end });
export const concat = (b: Builder, inputs: readonly Value[], axis: number) =>
  b.apply('concat', inputs, { axis });

/** Sum and maximum over axes that stay, with length 1. */
export const sum = (b: Builder, x: Value, axes: Shape) =>
  axes.length === 0 ? x : b.apply('sum', [x], { axes });
export const max = (b: Builder, x: Value, axes: Shape) =>
  axes.length === 0 ? x : b.apply('max', [x], { axes });
export function mean(b: Builder, x: Value, axes: Shape): Value {
  return multiply(b, sum(b, x, axes), 1 / axes.reduce((size, axis) => size * x.shape[axis], 1));
}
/** All elements, as a scalar. */
export function sumAll(b: Builder, x: Value): Value {
  return reshape(
    b,
    sum(
      b,
      x,
      x.shape.map((_, axis) => axis),
    ),
    [],
  );
}

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}
export const matmul = (b: Builder, x: Value, y: Value, options: MatmulOptions = {}) =>
  b.apply('matmul', [x, y], {
    transposeA: options.transposeA ?? false,
    transposeB: options.transposeB ?? false,
  });

export const gather = (b: Builder, table: Value, indices: Value) => b.apply('gather', [table, indices]);
export const scatterAdd = (b: Builder, table: Value, indices: Value, rows: Value) =>
  b.apply('scatterAdd', [table, indices, rows]);

export interface AttentionOptions {
  /** [H or 1, Tq, Tk], added to the scores. */
  readonly bias?: Value;
  /** i32 [B, Tq] and [B, Tk]: a query sees keys of its own segment. */
  readonly segments?: readonly [query: Value, key: Value];
  /** i32 [] or [B]: the position of the first query; 0 without. */
  readonly queryOffset?: Value;
  readonly causal?: boolean;
  /** A key is seen at a distance below this; 0: at any. */
  readonly window?: number;
  /** 1 / √D without. */
  readonly scale?: number;
  readonly dropout?: { readonly rate: number; readonly counter: Value };
}
/** q [B, Tq, H, D], k and v [B, Tk, Hkv, D] → y [B, Tq, H, D], logSumExp [B, H, Tq] (composites/attention.ts). */
export function attention(b: Builder, q: Value, k: Value, v: Value, options: AttentionOptions = {}) {
  const { bias, segments, queryOffset, causal = false, window = 0, dropout } = options;
  const drops = dropout !== undefined && dropout.rate > 0;
  const rest = [bias, ...(segments ?? []), queryOffset, drops ? dropout.counter : undefined];
  const [y, logSumExp] = b.applyAll('attention', [q, k, v, ...rest.filter((input) => input !== undefined)], {
    causal,
    window,
    scale: options.scale ?? 1 / Math.sqrt(q.shape[3]),
    dropout: drops ? dropout.rate : 0,
    stream: drops ? b.nextStream() : 0,
    hasBias: bias !== undefined,
    hasSegments: segments !== undefined,
    hasQueryOffset: queryOffset !== undefined,
  });
  return { y, logSumExp };
}

/** Parts of these lengths along an axis. */
export const split = (b: Builder, x: Value, sizes: Shape, axis: number) =>
  b.applyAll('split', [x], { sizes, axis });
