// Integers in a program, for tests: a constant is one number, so a list of them is put together.
import { operations as o, type Builder, type DType, type Value } from '@gristmill/tensor';

export function integers(
  b: Builder,
  values: readonly number[],
  shape: readonly number[] = [values.length],
  dtype: DType = 'i32',
): Value {
  const parts = values.map((value) => o.constant(b, value, [1], dtype));
  return o.reshape(b, parts.length === 1 ? parts[0] : o.concat(b, parts, 0), shape);
}

/** [seed, step, lane] of the cases with dropout. */
export const counter = [7, 1, 0];
export const counterOf = (b: Builder) => integers(b, counter, [3], 'u32');
