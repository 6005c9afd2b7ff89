// Rewrites x ∘ broadcast(scalar) into the executor's own addScalar, multiplyScalar, …, which read the one number from
// memory instead of an array full of it.

import { removeDeadOperations, sizeOf, type Operation, type Program, type Value } from '../program.ts';

const names: Readonly<Record<string, string>> = {
  add: 'addScalar',
  subtract: 'subtractScalar',
  multiply: 'multiplyScalar',
  divide: 'divideScalar',
};
const commutes = new Set(['add', 'multiply']);

export function foldScalars(program: Program): Program {
  const scalars = new Map<number, Value>();
  const operations = program.operations.map((operation): Operation => {
    const { name, inputs, outputs } = operation;
    if (name === 'broadcast' && sizeOf(inputs[0].shape) === 1) scalars.set(outputs[0].id, inputs[0]);
    if (!Object.hasOwn(names, name) || outputs[0].dtype !== 'f32') return operation;
    const [x, y] = inputs;
    const right = scalars.get(y.id);
    if (right) return { ...operation, name: names[name], inputs: [x, right] };
    const left = scalars.get(x.id);
    return left && commutes.has(name) ? { ...operation, name: names[name], inputs: [y, left] } : operation;
  });
  return removeDeadOperations({ ...program, operations });
}
