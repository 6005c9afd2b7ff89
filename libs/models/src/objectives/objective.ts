// What a model is trained to do: how rows of the loader become a batch. A pure function of (seed, step, row), as the
// loader's rows are of the step, so ranks and restarts change nothing and lineage stays arithmetic.

import type { Type } from '@gristmill/tensor';
import type { BatchArrays, BatchShape } from '../batch.ts';

/** Rows as the loader of libs/shards gives them, [R, L] each. */
export interface LoadedRows {
  readonly rows: number;
  /** The token before each target. */
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  /** 0 where a target does not count: padding, what a conversation was given. */
  readonly lossMask?: Uint8Array;
  /** Number of the target's document in its row, −1 for padding; where bounds were asked for. */
  readonly segments?: Int32Array;
  /** Of the target within its document. */
  readonly positions?: Int32Array;
}

export interface BatchPlace {
  /** From 1 in training; 0 in validation. */
  readonly step: number;
  /** Row of the global batch that the first of these is. Default 0. */
  readonly firstRow?: number;
}

export interface Objective {
  readonly name: string;
  /** Tokens of a row of the loader. */
  readonly sampleLength: number;
  /** The same of a shorter row, where rows may have several lengths (a length ramp); absent: they have one. */
  readonly sampleLengthAt?: (length: number) => number;
  /** Whether the loader gives `segments` and `positions`. */
  readonly documentBounds: boolean;
  /** Whether a document lies whole in a row where it can. */
  readonly wholeDocuments?: boolean;
  /** Of a micro-batch of so many rows. */
  shape(batch: number): BatchShape;
  build(loaded: LoadedRows, place: BatchPlace): BatchArrays;
}

export const perToken = (length: number): Type => ({ shape: [length], dtype: 'i32' });
export const perRow: Type = { shape: [], dtype: 'i32' };

/** Targets with −1 where the mask leaves them out. */
export function maskTargets({ targets, lossMask }: Pick<LoadedRows, 'targets' | 'lossMask'>): Int32Array {
  return lossMask ? targets.map((target, i) => (lossMask[i] === 0 ? -1 : target)) : targets;
}
