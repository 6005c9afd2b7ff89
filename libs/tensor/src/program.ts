// The program: a static, typed list of operations in single-assignment form. An operation is a primitive
// (primitives.ts) or a composite (composite.ts) that decomposes into primitives and may have a native kernel.
// Shapes and types are checked when an operation is added, so a finished program cannot fail on a shape.
// Nothing here computes: reference.ts interprets a program slowly, cpu/ runs it on WebAssembly.

/** f32 is "the float type": the reference may interpret it in double precision. bool is stored as 0 or 1. */
export type DType = 'f32' | 'i32' | 'u32' | 'bool';

export interface Type {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export interface Value extends Type {
  /** Unique in its program, in order of creation. */
  readonly id: number;
}

export type Attribute = number | string | boolean | readonly number[];
export type Attributes = { readonly [name: string]: Attribute };

export interface Operation {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

export interface Program {
  readonly inputs: readonly NamedValue[];
  readonly operations: readonly Operation[];
  readonly outputs: readonly NamedValue[];
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** `f32[2,3]`, for messages. */
export function describeType(type: Type): string {
  return `${type.dtype}[${type.shape.join(',')}]`;
}

/** One line an operation, for people: `%5 = matmul(%1, %4) f32[12,64]`. */
export function printProgram(program: Program): string {
  const names = new Map(program.inputs.map(({ name, value }) => [value.id, name]));
  const show = (value: Value) => names.get(value.id) ?? `%${value.id}`;
  const lines = program.inputs.map(({ name, value }) => `input ${name} ${describeType(value)}`);
  for (const { name, inputs, outputs, attributes } of program.operations) {
    const options = Object.keys(attributes).length > 0 ? ` ${JSON.stringify(attributes)}` : '';
    lines.push(
      `${outputs.map(show).join(', ')} = ${name}(${inputs.map(show).join(', ')})${options} ${outputs.map(describeType).join(' ')}`,
    );
  }
  return [...lines, ...program.outputs.map(({ name, value }) => `output ${name} = ${show(value)}`)].join(
    '\n',
  );
}

/** Leaves out every operation on which no output depends. */
export function removeDeadOperations(program: Program): Program {
  const needed = new Set(program.outputs.map(({ value }) => value.id));
  const operations: Operation[] = [];
  for (const operation of program.operations.toReversed()) {
    if (!operation.outputs.some(({ id }) => needed.has(id))) continue;
    for (const { id } of operation.inputs) needed.add(id);
    operations.push(operation);
  }
  return { ...program, operations: operations.reverse() };
}
