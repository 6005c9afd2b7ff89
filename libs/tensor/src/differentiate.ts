// Reverse-mode differentiation over the form itself: the operations that lead to the loss are walked backwards and
// each adds the operations of its gradient to the same builder. The gradient is a program like any other.
// What the forward pass computed is kept for it, unless the model marked it as a region to be computed again
// (Chen et al. 2016): less memory, about a third more work.

import { findComposite } from './composites.ts';
import type { Builder, Gradients, Region, RegionKind } from './definition.ts';
import { add, barrier, constant } from './primitive-operations.ts';
import { findPrimitive } from './primitives.ts';
import { sizeOf, type Operation, type Value } from './program.ts';

export interface DifferentiateOptions {
  /** Regions of this kind are computed again for the backward pass; of each only its inputs are kept. */
  readonly remat?: 'none' | RegionKind;
}

/**
 * Adds to `b` the gradients of the scalar `loss` and gives them in the order of `parameters`.
 * A parameter on which the loss does not depend gets zeros.
 */
export function differentiate(
  b: Builder,
  loss: Value,
  parameters: readonly Value[],
  { remat = 'none' }: DifferentiateOptions = {},
): Value[] {
  if (sizeOf(loss.shape) !== 1) throw new TypeError('only a scalar has a gradient here');
  const varying = findVarying(b.operations, parameters);
  const recall = createRecall(
    b,
    b.regions.filter(({ kind }) => kind === remat),
  );
  const gradients = new Map<number, Value>([[loss.id, constant(b, 1, loss.shape, loss.dtype)]]);
  for (let index = b.operations.length - 1; index >= 0; index--) {
    const operation = b.operations[index];
    const outputs = operation.outputs.map(({ id }) => gradients.get(id));
    const wanted = operation.inputs.map(({ id }) => varying.has(id));
    if (!outputs.some(Boolean) || !wanted.some(Boolean)) continue;
    const passed = passBack(b, recall(operation, index), outputs, wanted);
    operation.inputs.forEach(({ id }, i) => {
      const gradient = passed[i];
      if (!gradient || !wanted[i]) return;
      const sofar = gradients.get(id);
      gradients.set(id, sofar ? accumulate(b, sofar, gradient) : gradient);
    });
  }
  return parameters.map(({ id, shape, dtype }) => gradients.get(id) ?? constant(b, 0, shape, dtype));
}

function passBack(
  b: Builder,
  operation: Operation,
  outputs: Gradients,
  wanted: readonly boolean[],
): Gradients {
  const composite = findComposite(operation.name);
  if (composite) return composite.gradient?.(b, operation, outputs, wanted) ?? [];
  return findPrimitive(operation.name)?.gradient?.(b, operation, outputs[0] as Value) ?? [];
}

// A gather's gradient is zeros with rows added: adding those rows to the sum so far saves a pass over the table.
function accumulate(b: Builder, sofar: Value, gradient: Value): Value {
  const last = b.producerOf(gradient);
  if (last?.name === 'scatterAdd' && isZeros(b, last.inputs[0]))
    return b.apply('scatterAdd', [sofar, last.inputs[1], last.inputs[2]]);
  return add(b, sofar, gradient);
}

function isZeros(b: Builder, value: Value): boolean {
  const source = b.producerOf(value);
  return source?.name === 'constant' && source.attributes.value === 0;
}

/** Ids of the values that depend on a parameter. */
function findVarying(operations: readonly Operation[], parameters: readonly Value[]): Set<number> {
  const varying = new Set(parameters.map(({ id }) => id));
  for (const { name, inputs, outputs } of operations) {
    if (name === 'stopGradient' || !inputs.some(({ id }) => varying.has(id))) continue;
    for (const { id } of outputs) varying.add(id);
  }
  return varying;
}

/** Gives each operation with the values that its gradient may read: those kept, or those of its region computed again. */
function createRecall(b: Builder, regions: readonly Region[]) {
  const again = new Map<Region, (value: Value) => Value>();
  const regionAt = new Map<number, Region>(); // the outermost, which ends after those inside it
  for (const region of regions) for (let i = region.from; i < region.to; i++) regionAt.set(i, region);
  return (operation: Operation, index: number): Operation => {
    const region = regionAt.get(index);
    if (!region) return operation;
    const recompute = again.get(region) ?? repeatRegion(b, region);
    again.set(region, recompute);
    return {
      ...operation,
      inputs: operation.inputs.map(recompute),
      outputs: operation.outputs.map(recompute),
    };
  };
}

/** Adds the operations of a region once more, on what it reads; gives the new value of each old one. */
function repeatRegion(b: Builder, { from, to }: Region): (value: Value) => Value {
  const values = new Map<number, Value>();
  const find = (value: Value): Value => {
    const found = values.get(value.id);
    if (found) return found;
    // Without the barrier a compiler would see that all is there already, and keep it.
    const read = b.producerOf(value) ? barrier(b, value) : value;
    values.set(value.id, read);
    return read;
  };
  for (const { name, inputs, outputs, attributes } of b.operations.slice(from, to)) {
    const results = b.applyAll(name, inputs.map(find), attributes);
    outputs.forEach(({ id }, i) => values.set(id, results[i]));
  }
  return find;
}
