// One primitive on plain arrays, by its definition. The cpu executor also runs its rare primitives here.

import type { Data } from './data.ts';
import { findPrimitive } from './primitives.ts';
import type { Operation } from './program.ts';

/** Computes a primitive into `out`, which may be the array of an input for elementwise ones. */
export function evaluatePrimitive(operation: Operation, inputs: readonly Data[], out: Data): void {
  const primitive = findPrimitive(operation.name);
  if (!primitive) throw new TypeError(`${operation.name} is no primitive`);
  primitive.evaluate(operation, inputs, out);
}
