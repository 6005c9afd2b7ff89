// The program: a static, typed list of operations in single-assignment form. An operation is a primitive
// (primitives.ts) or a composite (composites.ts) that decomposes into primitives and may have a native kernel.
// Shapes and types are checked when an operation is added, so a finished program cannot fail on a shape.
// Nothing here computes: reference.ts interprets a program slowly, cpu/ runs it on WebAssembly.

/**
 * f32 is "the float type": the reference may interpret it in double precision. bf16 is f32 rounded to its upper half
 * after each operation, though a compiler that joins operations may round the last one only. bool is 0 or 1. Half precision (f16) is read from files only.
 */
export type DType = 'f32' | 'bf16' | 'i32' | 'u32' | 'bool';

/** Bytes of an element; an executor may hold it wider. */
export const byteWidths: Readonly<Record<DType, number>> = { f32: 4, bf16: 2, i32: 4, u32: 4, bool: 1 };

export const isFloat = (dtype: DType) => dtype === 'f32' || dtype === 'bf16';

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

export interface Operation<A extends Attributes = Attributes> {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: A;
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

/** Bytes of all elements. */
export function byteSizeOf({ shape, dtype }: Type): number {
  return sizeOf(shape) * byteWidths[dtype];
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
