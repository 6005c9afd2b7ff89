// Lowering: composites for which an executor has no native kernel become their primitives.

import { createBuilder } from './builder.ts';
import { findComposite } from './composites.ts';
import type { Builder } from './definition.ts';
import { describeType, type Operation, type Program, type Value } from './program.ts';

/** Gives an equal program in which every operation is a primitive or one that `isNative` accepts. */
export function lower(program: Program, isNative: (operation: Operation) => boolean): Program {
  const b = createBuilder();
  const seen = new Map<number, Value>();
  for (const { name, value } of program.inputs) seen.set(value.id, b.input(name, value.shape, value.dtype));
  for (const operation of program.operations) {
    const inputs = operation.inputs.map(({ id }) => seen.get(id) as Value);
    const outputs = expand(b, operation, inputs, isNative);
    operation.outputs.forEach(({ id }, i) => seen.set(id, outputs[i]));
  }
  return b.finish(
    Object.fromEntries(program.outputs.map(({ name, value }) => [name, seen.get(value.id) as Value])),
  );
}

function expand(
  b: Builder,
  operation: Operation,
  inputs: readonly Value[],
  isNative: (operation: Operation) => boolean,
): readonly Value[] {
  const { name, attributes } = operation;
  const composite = findComposite(name);
  if (!composite || isNative(operation)) return b.applyAll(name, inputs, attributes);
  // The decomposition may itself use composites, so it is built aside and lowered in turn.
  const inner = createBuilder();
  const parameters = inputs.map(({ shape, dtype }, i) => inner.input(`x${i}`, shape, dtype));
  const results = composite.decompose(inner, parameters, attributes);
  checkTypes(operation, results);
  const part = inner.finish(Object.fromEntries(results.map((value, i) => [`y${i}`, value])));
  const seen = new Map(parameters.map(({ id }, i) => [id, inputs[i]]));
  for (const step of part.operations) {
    const outputs = expand(
      b,
      step,
      step.inputs.map(({ id }) => seen.get(id) as Value),
      isNative,
    );
    step.outputs.forEach(({ id }, i) => seen.set(id, outputs[i]));
  }
  return results.map(({ id }) => seen.get(id) as Value);
}

/** What a composite computes must be what it says that it gives. */
function checkTypes({ name, outputs }: Operation, results: readonly Value[]): void {
  outputs.forEach((output, i) => {
    const [promised, given] = [output, results[i]].map(describeType);
    if (promised !== given) throw new TypeError(`${name} gives ${given}, not ${promised}`);
  });
}
