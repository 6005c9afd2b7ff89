// A program while it is rewritten: who makes a value, who reads it, and edits that keep the order of operations.

import { removeDeadOperations, type Operation, type Program, type Value } from '../program.ts';

export interface Graph {
  readonly operations: readonly Operation[];
  /** The operation that makes a value, with its index; undefined for an input of the program. */
  makerOf(value: Value): { readonly operation: Operation; readonly index: number } | undefined;
  /** How many operations and outputs of the program read a value. */
  usesOf(value: Value): number;
  /** What a value is a new shape of, by reshapes that nothing else reads. */
  behindReshapes(value: Value): Value;
  /** True when a value exists before the operation of that index. */
  existsBefore(value: Value, index: number): boolean;
  /** The first operation that reads a value. */
  readersOf(value: Value): readonly number[];
}

export function readGraph(program: Program): Graph {
  const makers = new Map<number, number>();
  const readers = new Map<number, number[]>();
  const { operations } = program;
  operations.forEach(({ inputs, outputs }, index) => {
    for (const { id } of outputs) makers.set(id, index);
    for (const { id } of inputs) readers.set(id, [...(readers.get(id) ?? []), index]);
  });
  const kept = new Map<number, number>();
  for (const { value } of program.outputs) kept.set(value.id, (kept.get(value.id) ?? 0) + 1);
  const graph: Graph = {
    operations,
    makerOf: ({ id }) => {
      const index = makers.get(id);
      return index === undefined ? undefined : { operation: operations[index], index };
    },
    usesOf: ({ id }) => (readers.get(id)?.length ?? 0) + (kept.get(id) ?? 0),
    behindReshapes(value) {
      const maker = graph.makerOf(value)?.operation;
      if (maker?.name !== 'reshape' || graph.usesOf(maker.inputs[0]) !== 1) return value;
      return graph.behindReshapes(maker.inputs[0]);
    },
    existsBefore: ({ id }, index) => (makers.get(id) ?? -1) < index,
    readersOf: ({ id }) => readers.get(id) ?? [],
  };
  return graph;
}

/** Puts other operations in the place of some, by index; what nobody needs any more goes. */
export function replaceOperations(
  program: Program,
  replacements: ReadonlyMap<number, readonly Operation[]>,
): Program {
  if (replacements.size === 0) return program;
  const operations = program.operations.flatMap((operation, index) => replacements.get(index) ?? [operation]);
  return removeDeadOperations({ ...program, operations });
}
