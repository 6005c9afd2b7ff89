// What the xla executor and its process say to each other. Tensors and executables are numbers that the process gives
// out; only tokens, scalars and what somebody downloads cross over.

import type { HostData } from '../executor.ts';
import type { Type } from '../program.ts';

/** Each question with the type of its answer. */
export interface Answers {
  open: undefined;
  compile: number;
  upload: number;
  allocate: number;
  run: readonly number[];
  download: HostData;
  dispose: undefined;
}

export type Ask =
  | { readonly kind: 'open'; readonly plugin: string; readonly options: Readonly<Record<string, number>> }
  | { readonly kind: 'compile'; readonly text: string; readonly outputs: readonly Type[] }
  | { readonly kind: 'upload'; readonly type: Type; readonly data: HostData }
  | { readonly kind: 'allocate'; readonly type: Type }
  | {
      readonly kind: 'run';
      readonly executable: number;
      readonly inputs: readonly number[];
      /** Of the inputs those that outputs take over. */
      readonly consumed: readonly number[];
    }
  | { readonly kind: 'download'; readonly tensor: number }
  | {
      readonly kind: 'dispose';
      readonly tensors: readonly number[];
      readonly executables: readonly number[];
    };

/** Answered in the order in which they were asked. */
export interface Question {
  readonly id: number;
  readonly ask: Ask;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  /** Why it could not be done; `code` and `hint` of a DataError. */
  readonly error?: { readonly message: string; readonly code?: string; readonly hint?: string };
}
