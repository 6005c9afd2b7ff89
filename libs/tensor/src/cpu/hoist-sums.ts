// Operations are moved up to where their inputs first exist when all they do is add to an input of the program: a
// gradient then goes into its sum as soon as it is known, and its memory serves the next one.

import type { Operation, Program } from '../program.ts';

export function hoistSums(program: Program): Program {
  const given = new Set(program.inputs.map(({ value }) => value.id));
  const outputs = new Set(program.outputs.map(({ value }) => value.id));
  const later = new Map<number, Operation[]>(); // by the value after which they come
  const operations: Operation[] = [];
  const moved = new Set<Operation>();
  for (const operation of program.operations) {
    const [x, y] = operation.inputs;
    if (operation.name !== 'add' || !outputs.has(operation.outputs[0].id)) continue;
    const other = given.has(x.id) ? y : given.has(y.id) ? x : undefined;
    if (!other || given.has(other.id)) continue;
    later.set(other.id, [...(later.get(other.id) ?? []), operation]);
    moved.add(operation);
  }
  for (const operation of program.operations) {
    if (moved.has(operation)) continue;
    operations.push(operation);
    for (const { id } of operation.outputs) operations.push(...(later.get(id) ?? []));
  }
  return { ...program, operations };
}
