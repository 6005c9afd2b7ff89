// What a micro-batch is: named arrays whose first axis is the sequence. `tokens` and `targets` are always there; what
// else there is depends on the objective and the model: documents packed into a row, the tokens of an encoder, a
// prefix, sentences that may follow each other, an image. An input of another kind is one more name here.

import type { Builder, Type, Value } from '@gristmill/tensor';
import type { ForwardInputs } from './language-model.ts';

export interface BatchShape {
  /** Sequences. */
  readonly batch: number;
  /** Tokens a sequence; the decoder's where there are two. */
  readonly length: number;
  /** What else a sequence has, by the names of `FurtherInputs`: the type of one sequence's. */
  readonly further?: FurtherInputs;
}

/** i32 [T] unless said. */
export interface FurtherInputs {
  readonly positions?: Type;
  /** Documents of a row, numbered; padding is −1. */
  readonly segments?: Type;
  readonly tokenTypes?: Type;
  /** i32 []: so many first tokens are seen by all. */
  readonly prefix?: Type;
  /** i32 [S], and the same of the encoder's tokens. */
  readonly encoderTokens?: Type;
  readonly encoderPositions?: Type;
  readonly encoderSegments?: Type;
  /** i32 []: 0 where the second part of a row follows the first, 1 where it does not, −1 where nothing is asked. */
  readonly nextSentence?: Type;
  /** f32 []: factor of that question's loss. */
  readonly nextSentenceWeight?: Type;
  /** f32 [3, S, S] */
  readonly pixels?: Type;
  /** Which position of the image stands in a token's place; −1: none. */
  readonly imagePlaces?: Type;
}

/** A micro-batch's arrays, or a whole step's, by name; row-major. */
export interface BatchArrays {
  readonly tokens: Int32Array;
  /** A negative target is left out. */
  readonly targets: Int32Array;
  readonly [further: string]: Int32Array | Float32Array;
}

/** Types of all inputs of a micro-batch; targets lie flat, i32 [B · T]. */
export function batchTypes({ batch, length, further = {} }: BatchShape): Readonly<Record<string, Type>> {
  const types = Object.entries(further as Readonly<Record<string, Type>>).map(
    ([name, { shape, dtype }]) => [name, { shape: [batch, ...shape], dtype }] as const,
  );
  return {
    tokens: { shape: [batch, length], dtype: 'i32' },
    targets: { shape: [batch * length], dtype: 'i32' },
    ...Object.fromEntries(types),
  };
}

export type BatchValues = { readonly tokens: Value; readonly targets: Value } & {
  readonly [Name in keyof FurtherInputs]: Value;
};

/** Adds all inputs of a micro-batch. */
export function addBatch(b: Builder, shape: BatchShape): BatchValues {
  return addInputs(b, batchTypes(shape)) as BatchValues;
}

/** Adds those that a model reads: no targets, nor what is asked of sentences. */
export function addReadInputs(b: Builder, shape: BatchShape): ReadValues {
  const types = Object.entries(batchTypes(shape)).filter(
    ([name]) => name !== 'targets' && !name.startsWith('nextSentence'),
  );
  return addInputs(b, Object.fromEntries(types)) as ReadValues;
}

type ReadValues = Omit<BatchValues, 'targets'>;

const addInputs = (b: Builder, types: Readonly<Record<string, Type>>) =>
  Object.fromEntries(
    Object.entries(types).map(([name, { shape, dtype }]) => [name, b.input(name, shape, dtype)]),
  );

/** What the model reads of a batch. */
export function forwardInputsOf(values: ReadValues): Omit<ForwardInputs, 'parameters'> {
  const { tokens, positions, segments, tokenTypes, prefix, pixels, imagePlaces } = values;
  const { encoderTokens, encoderPositions, encoderSegments } = values;
  const encoder = encoderTokens && {
    tokens: encoderTokens,
    positions: encoderPositions,
    segments: encoderSegments,
  };
  return { tokens, positions, segments, tokenTypes, prefix, pixels, imagePlaces, encoder };
}
