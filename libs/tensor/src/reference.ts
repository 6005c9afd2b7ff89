// The reference interpreter: slow, clear, plain TypeScript, in double or single precision. It defines what every
// operation means; executors are tested against it, and it itself against central differences.

import { lower } from './lower.ts';
import { evaluatePrimitive, type Data } from './reference-primitives.ts';
import { sizeOf, type DType, type Program, type Value } from './program.ts';

export type Precision = 'f64' | 'f32';

/** Runs a program on arrays in row-major order. Composites are expanded into primitives. */
export function interpret(
  program: Program,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  precision: Precision = 'f64',
): Record<string, Data> {
  const primitive = lower(program, () => false);
  const values = new Map<number, Data>();
  const find = (value: Value) => values.get(value.id) as Data;
  for (const { name, value } of primitive.inputs)
    values.set(value.id, readInput(name, value, inputs[name], precision));
  for (const operation of primitive.operations) {
    const output = allocate(operation.outputs[0], precision);
    evaluatePrimitive(operation, operation.inputs.map(find), output);
    values.set(operation.outputs[0].id, output);
  }
  return Object.fromEntries(primitive.outputs.map(({ name, value }) => [name, find(value)]));
}

function readInput(
  name: string,
  value: Value,
  given: ArrayLike<number> | undefined,
  precision: Precision,
): Data {
  const size = sizeOf(value.shape);
  if (given?.length !== size)
    throw new TypeError(`input ${name}: ${size} numbers expected, got ${given?.length}`);
  const data = allocate(value, precision);
  data.set(given);
  return data;
}

const arrays = { i32: Int32Array, u32: Uint32Array, bool: Int32Array };

/** A zeroed array for a value. */
export function allocate(
  { shape, dtype }: { shape: readonly number[]; dtype: DType },
  precision: Precision,
): Data {
  if (dtype === 'f32')
    return precision === 'f64' ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
  return new arrays[dtype](sizeOf(shape));
}
