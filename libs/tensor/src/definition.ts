// What an operation is: its types, its gradient, and what it computes, all in one place. A primitive computes on plain
// arrays (`evaluate`), which every executor must match; a composite decomposes into other operations and may have a
// native kernel. Executors keep tables of their own, from the names defined here to kernels or text.

import type { Data } from './data.ts';
import type { Attributes, DType, Operation, Program, Type, Value } from './program.ts';

/** Builds a program operation by operation, checking types as it goes (builder.ts). */
export interface Builder {
  /** What was added so far, in order. */
  readonly operations: readonly Operation[];
  input(name: string, shape: readonly number[], dtype?: DType): Value;
  /** Adds an operation with one output. Throws TypeError when the inputs do not fit. */
  apply(name: string, inputs: readonly Value[], attributes?: Attributes): Value;
  /** Adds an operation and gives all its outputs. */
  applyAll(name: string, inputs: readonly Value[], attributes?: Attributes): readonly Value[];
  /** A number not given before, that names a stream of random bits in this program. */
  nextStream(): number;
  /** Marks what `body` adds as one region, which `differentiate` may compute again rather than keep. */
  region<T>(kind: RegionKind, body: () => T): T;
  readonly regions: readonly Region[];
  /** Names a value for looking inside: `finish` gives it out where it is asked for. Gives the value back. */
  tap(name: string, value: Value): Value;
  /** The operation of which a value is an output; undefined for an input. */
  producerOf(value: Value): Operation | undefined;
  /** Operations on which no output depends are left out. */
  finish(outputs: Readonly<Record<string, Value>>, options?: FinishOptions): Program;
}

export interface FinishOptions {
  /** Names of taps, or all: each becomes an output `tap:NAME`. */
  readonly taps?: readonly string[] | 'all';
}

/** A block of a model, or the attention in it. */
export type RegionKind = 'block' | 'attention';

/** Operations from index `from` up to, not including, `to`. */
export interface Region {
  readonly kind: RegionKind;
  readonly from: number;
  readonly to: number;
}

/** A gradient for each input; undefined for one that has none. */
export type Gradients = readonly (Value | undefined)[];

export interface Primitive<A extends Attributes = Attributes> {
  /** The output's type. Throws (`expect`) where the inputs do not fit. */
  infer(inputs: readonly Type[], attributes: A): Type;
  /** Adds what passes the output's gradient back. Without it nothing is passed: integers, comparisons, random bits. */
  gradient?(b: Builder, operation: Operation<A>, gradient: Value): Gradients;
  /** Floating-point operations; without it none, as of what only moves elements. */
  flops?(operation: Operation<A>): number;
  /** Writes the result into `out`, which for an elementwise primitive may be the array of an input. */
  evaluate(operation: Operation<A>, inputs: readonly Data[], out: Data): void;
}

export interface Composite<A extends Attributes = Attributes> {
  infer(inputs: readonly Type[], attributes: A): readonly Type[];
  /** Adds primitives (or other composites) that compute the outputs. */
  decompose(b: Builder, inputs: readonly Value[], attributes: A): readonly Value[];
  /**
   * Gradients of the inputs, at least of the `wanted` ones; absent for what is never differentiated (optimisers,
   * backward passes). An output on which the loss does not depend has no gradient, but one of them does.
   */
  gradient?(b: Builder, operation: Operation<A>, gradients: Gradients, wanted: readonly boolean[]): Gradients;
}

/** Defines a primitive whose attributes are of type A. */
export const defineOperation = <A extends Attributes = Attributes>(primitive: Primitive<A>) => primitive;

/** Defines a composite whose attributes are of type A. */
export const defineComposite = <A extends Attributes = Attributes>(composite: Composite<A>) => composite;

/** A program that does not fit is a mistake of the code that builds it, not of a user: a TypeError. */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(message);
}
