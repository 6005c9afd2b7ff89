// What the xla executor and its process say to each other. Tensors and executables are numbers that the process gives
// out; only tokens, scalars and what somebody downloads cross over.

import type { HostData } from '../executor.ts';
import type { Type } from '../program.ts';
import type { WrittenFile } from './write-file.ts';

/** Each question with the type of its answer. */
export interface Answers {
  open: undefined;
  compile: { readonly executable: number; readonly workingBytes?: number };
  upload: number;
  allocate: number;
  run: readonly number[];
  download: HostData;
  write: WrittenFile;
  dispose: undefined;
}

export type Ask =
  | {
      readonly kind: 'open';
      readonly plugin: string;
      readonly options: Readonly<Record<string, number>>;
      readonly devices: number;
      /** A folder of compiled programs; none are kept without. */
      readonly cache?: string;
    }
  | { readonly kind: 'compile'; readonly text: string; readonly outputs: readonly Type[] }
  | { readonly kind: 'upload'; readonly type: Type; readonly data: HostData; readonly split: boolean }
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
      readonly kind: 'write';
      readonly path: string;
      readonly head: Uint8Array;
      /** They must stay until the answer: work that is asked for meanwhile is done. */
      readonly tensors: readonly number[];
    }
  | {
      readonly kind: 'dispose';
      readonly tensors: readonly number[];
      readonly executables: readonly number[];
    };

/** Answered in the order in which they were asked, but for `write`, which goes on beside what comes after it. */
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
