// Row-major strides and the strided copy that all structural primitives are.

import type { Data } from './data.ts';

export interface Strided {
  readonly data: Data;
  readonly strides: readonly number[];
  readonly offset?: number;
}

/** Elements from one index to the next, per axis, of a dense row-major array. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Strides that read an array under a larger shape by numpy's rule. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  const shift = to.length - from.length;
  return to.map((_, axis) => (axis < shift || from[axis - shift] === 1 ? 0 : strides[axis - shift]));
}

/** Copies every index of `shape` from one layout to another. */
export function copyStrided(from: Strided, to: Strided, shape: readonly number[]): void {
  copyAxis(from, to, shape, 0, from.offset ?? 0, to.offset ?? 0);
}

function copyAxis(
  from: Strided,
  to: Strided,
  shape: readonly number[],
  axis: number,
  source: number,
  target: number,
): void {
  if (axis === shape.length) {
    to.data[target] = from.data[source];
    return;
  }
  const [length, step, stepTo] = [shape[axis], from.strides[axis], to.strides[axis]];
  if (axis === shape.length - 1) {
    for (let i = 0; i < length; i++) to.data[target + i * stepTo] = from.data[source + i * step];
    return;
  }
  for (let i = 0; i < length; i++)
    copyAxis(from, to, shape, axis + 1, source + i * step, target + i * stepTo);
}
