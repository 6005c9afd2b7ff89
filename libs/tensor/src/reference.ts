// The reference interpreter: slow, clear, plain TypeScript, in double or single precision. It defines what every
// operation means; executors are tested against it, and it itself against central differences.

import { lower } from './lower.ts';
import { roundToBf16 } from './bf16.ts';
import { allocate, type Data, type Precision } from './data.ts';
import { evaluatePrimitive } from './reference-primitives.ts';
import { sizeOf, type Program, type Type, type Value } from './program.ts';

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
    roundTo(operation.outputs[0], output);
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
  roundTo(value, data);
  return data;
}

function roundTo({ dtype }: Type, data: Data): void {
  if (dtype === 'bf16') for (let i = 0; i < data.length; i++) data[i] = roundToBf16(data[i]);
}
