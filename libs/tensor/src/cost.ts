// What an operation costs, as its definition says: floating-point operations, and bytes that are read and written when
// it runs by itself. A composite counts the operations into which it decomposes, but only the bytes of its own ends, as
// a kernel moves them.

import { createBuilder } from './builder.ts';
import { lower } from './lower.ts';
import { findPrimitive } from './primitives.ts';
import { byteSizeOf, type Operation, type Program } from './program.ts';

export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

/** Primitives whose result is their input under another type: nothing moves. */
const views = new Set(['reshape', 'stopGradient', 'barrier']);

export function costOf(operation: Operation): Cost {
  const { name, inputs, outputs } = operation;
  if (views.has(name)) return { flops: 0, bytes: 0 };
  const ends = [...new Set([...inputs, ...outputs])];
  return { flops: countFlops(operation), bytes: ends.reduce((sum, value) => sum + byteSizeOf(value), 0) };
}

/** Of all operations of a program. */
export function costOfProgram({ operations }: Program): Cost {
  const costs = operations.map(costOf);
  return {
    flops: costs.reduce((sum, { flops }) => sum + flops, 0),
    bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function countFlops(operation: Operation): number {
  const primitive = findPrimitive(operation.name);
  if (primitive) return primitive.flops?.(operation) ?? 0;
  const b = createBuilder();
  const inputs = operation.inputs.map(({ shape, dtype }, i) => b.input(`x${i}`, shape, dtype));
  const outputs = b.applyAll(operation.name, inputs, operation.attributes);
  const alone = b.finish(Object.fromEntries(outputs.map((value, i) => [`y${i}`, value])));
  return lower(alone, () => false).operations.reduce((sum, step) => sum + countFlops(step), 0);
}
