// Plain arrays of numbers, as the reference computes on them, row-major.

import { sizeOf, type DType } from './program.ts';

export type Data = Float64Array | Float32Array | Int32Array | Uint32Array;

/** In which floats are held and computed. */
export type Precision = 'f64' | 'f32';

const integers = { i32: Int32Array, u32: Uint32Array, bool: Int32Array };

/** A zeroed array for a value; bool as 0 or 1, bf16 as floats that were rounded. */
export function allocate(
  { shape, dtype }: { shape: readonly number[]; dtype: DType },
  precision: Precision,
): Data {
  const size = sizeOf(shape);
  if (dtype === 'i32' || dtype === 'u32' || dtype === 'bool') return new integers[dtype](size);
  return precision === 'f64' ? new Float64Array(size) : new Float32Array(size);
}
