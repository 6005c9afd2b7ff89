// What we use of @huggingface/jinja below its Template, with types: those it ships for these parts do not resolve.

import * as library from '@huggingface/jinja';

/** A value while a template runs, such as StringValue. */
export interface RuntimeValue {
  readonly type: string;
  readonly value: unknown;
  toString(): string;
}

/** A node of a parsed template, or one of our own. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Scope {
  /** @throws Error where the name has a value */
  set(name: string, value: unknown): RuntimeValue;
}

interface Running {
  run(program: Node): RuntimeValue;
  evaluate(node: Node | undefined, scope: Scope): RuntimeValue;
}

interface Library {
  readonly Environment: new () => Scope;
  readonly Interpreter: new (scope: Scope) => Running;
  readonly tokenize: (
    source: string,
    options: { lstrip_blocks: boolean; trim_blocks: boolean },
  ) => readonly unknown[];
  readonly parse: (tokens: readonly unknown[]) => Node;
}

export const { Environment, Interpreter, parse, tokenize } = library as unknown as Library;

export const toRuntime = (value: unknown): RuntimeValue => new Environment().set('value', value);
