// Reverse-mode differentiation over the form itself: the operations that lead to the loss are walked backwards and
// each adds the operations of its gradient to the same builder. The gradient is a program like any other.

import type { Builder } from './builder.ts';
import { composites } from './composite.ts';
import { gradientRules } from './gradients.ts';
import { add, constant } from './operations.ts';
import { sizeOf, type Operation, type Value } from './program.ts';

/**
 * Adds to `b` the gradients of the scalar `loss` and gives them in the order of `parameters`.
 * A parameter on which the loss does not depend gets zeros.
 */
export function differentiate(b: Builder, loss: Value, parameters: readonly Value[]): Value[] {
  if (sizeOf(loss.shape) !== 1) throw new TypeError('only a scalar has a gradient here');
  const varying = findVarying(b.operations, parameters);
  const gradients = new Map<number, Value>([[loss.id, constant(b, 1, loss.shape)]]);
  for (const operation of b.operations.toReversed()) {
    const outputs = operation.outputs.map(({ id }) => gradients.get(id));
    if (!outputs.some(Boolean) || !operation.inputs.some(({ id }) => varying.has(id))) continue;
    const wanted = operation.inputs.map(({ id }) => varying.has(id));
    const passed = passBack(b, operation, outputs, wanted);
    operation.inputs.forEach(({ id }, i) => {
      const gradient = passed[i];
      if (!gradient || !varying.has(id)) return;
      const sofar = gradients.get(id);
      gradients.set(id, sofar ? accumulate(b, sofar, gradient) : gradient);
    });
  }
  return parameters.map(({ id, shape }) => gradients.get(id) ?? constant(b, 0, shape));
}

function passBack(
  b: Builder,
  operation: Operation,
  outputs: (Value | undefined)[],
  wanted: readonly boolean[],
) {
  const composite = Object.hasOwn(composites, operation.name) ? composites[operation.name] : undefined;
  if (composite) return composite.gradient?.(b, operation, outputs, wanted) ?? [];
  return gradientRules[operation.name]?.(b, operation, outputs[0] as Value) ?? [];
}

// A gather's gradient is zeros with rows added: adding those rows to the sum so far saves a pass over the table.
function accumulate(b: Builder, sofar: Value, gradient: Value): Value {
  const last = b.operations.find(({ outputs }) => outputs[0].id === gradient.id);
  if (last?.name === 'scatterAdd' && isZeros(b, last.inputs[0]))
    return b.apply('scatterAdd', [sofar, last.inputs[1], last.inputs[2]]);
  return add(b, sofar, gradient);
}

function isZeros(b: Builder, value: Value): boolean {
  const source = b.operations.find(({ outputs }) => outputs[0].id === value.id);
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
