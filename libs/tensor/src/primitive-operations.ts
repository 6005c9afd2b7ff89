// The primitives as functions: the vocabulary in which gradients, composites and models are written. Elementwise
// operands are broadcast by numpy's rule. Every function adds to the builder that is its first argument.

import type { Builder } from './definition.ts';
import { sameShape, type DType, type Value } from './program.ts';

type Shape = readonly number[];

export const constant = (b: Builder, value: number, shape: Shape = [], dtype: DType = 'f32') =>
  b.apply('constant', [], { value, shape, dtype });
/** f32 [n] of these numbers. */
export const literal = (b: Builder, values: readonly number[]) => b.apply('literal', [], { values });
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
export const barrier = (b: Builder, x: Value) => b.apply('barrier', [x]);
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
export const not = (b: Builder, x: Value) => select(b, x, no(b), yes(b));
export const or = (b: Builder, x: Value, y: Value) => select(b, x, yes(b), y);
export const and = (b: Builder, x: Value, y: Value) => select(b, x, y, no(b));
const yes = (b: Builder) => constant(b, 1, [], 'bool');
const no = (b: Builder) => constant(b, 0, [], 'bool');

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
/** Zeros before and after, per axis. */
export const pad = (b: Builder, x: Value, before: Shape, after: Shape) =>
  b.apply('pad', [x], { before, after });
/** The part of shape `sizes` at start i32[rank], moved inside where it would reach outside. */
export const dynamicSlice = (b: Builder, x: Value, start: Value, sizes: Shape) =>
  b.apply('dynamicSlice', [x, start], { sizes });
/** x with the part written at start i32[rank], moved inside where it would reach outside. */
export const dynamicUpdateSlice = (b: Builder, x: Value, part: Value, start: Value) =>
  b.apply('dynamicUpdateSlice', [x, part, start]);
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
/** Random bits u32, fixed by the counter u32[3] [seed, step, lane] and the stream. */
export const philox = (b: Builder, counter: Value, shape: Shape, stream: number) =>
  b.apply('philox', [counter], { shape, stream });
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

/** i32: where the greatest of the last axis lies. */
export const argMax = (b: Builder, x: Value) => b.apply('argMax', [x]);

/** A row of zeros for an index outside the table. */
export const gather = (b: Builder, table: Value, indices: Value) => b.apply('gather', [table, indices]);
export const scatterAdd = (b: Builder, table: Value, indices: Value, rows: Value) =>
  b.apply('scatterAdd', [table, indices, rows]);
