// Programs without a loss: logits of whole sequences, what each position would have written, and decoding with and
// without a cache of keys and values.

import {
  createBuilder,
  operations as o,
  type Builder,
  type Program,
  type Type,
  type Value,
} from '@gristmill/tensor';
import { addReadInputs, forwardInputsOf, type BatchShape } from './batch.ts';
import type { Encoded, ForwardResult, LanguageModel } from './language-model.ts';
import { logitsOf } from './logits.ts';
import { addParameters, type DonatingProgram } from './training-program.ts';

/** Inputs: parameters, tokens i32[B, T], what else the model reads of the batch. Output: logits f32[B, T, V]. */
export function buildLogitsProgram(model: LanguageModel, shape: BatchShape): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const result = model.forward(b, { parameters, ...forwardInputsOf(addReadInputs(b, shape)) });
  return b.finish({ logits: logitsOf(b, result.hidden, result) });
}

/**
 * A weighted mean of the last hidden states, before any head. Inputs: parameters, tokens i32[B, T], segments i32[B, T] (0, −1
 * for filler), shares f32[B, T], which of a row add up to 1. Output: embeddings f32[B, C].
 */
export function buildEmbeddingProgram(model: LanguageModel, { batch, length }: BatchShape): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const [tokens, segments] = ['tokens', 'segments'].map((name) => b.input(name, [batch, length], 'i32'));
  let states: Value | undefined; // an encoder's head may transform what its blocks give
  const tap = (name: string, value: Value) => {
    if (name.startsWith('block.')) states = value;
  };
  const { hidden } = model.forward(b, { parameters, tokens, segments, tap });
  const last = model.kind === 'encoder' && states ? states : hidden;
  const shares = o.reshape(b, b.input('shares', [batch, length]), [batch, length, 1]);
  const weighed = o.multiply(b, last, o.broadcast(b, shares, last.shape));
  return b.finish({ embeddings: o.reshape(b, o.sum(b, weighed, [1]), [batch, last.shape[2]]) });
}

/** Inputs: parameters, tokens i32[1, T], position i32[1]. Output: logits f32[1, V] of the token after that position. */
export function buildNextTokenProgram(model: LanguageModel, length: number): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const result = model.forward(b, { parameters, tokens: b.input('tokens', [1, length], 'i32') });
  return b.finish({ logits: logitsAt(b, result, b.input('position', [1], 'i32')) });
}

/**
 * What a decoder reads of a text. Inputs: parameters, encoderTokens i32[1, S], encoderSegments i32[1, S] (0, −1 for
 * filler). Outputs: keys and values by the names of the model's `encode`.
 */
export function buildEncodeProgram(model: LanguageModel, length: number): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const tokens = b.input('encoderTokens', [1, length], 'i32');
  const segments = b.input('encoderSegments', [1, length], 'i32');
  if (!model.encode) throw new TypeError(`a ${model.type} has no encoder`);
  return b.finish(model.encode(b, { parameters, tokens, segments }));
}

/** What a model makes of an image. Inputs: parameters, pixels f32[1, 3, S, S]. Output: seen f32[1, tokens, C]. */
export function buildSeeProgram(model: LanguageModel): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  if (!model.see || !model.image) throw new TypeError(`a ${model.type} sees no images`);
  const { size } = model.image;
  return b.finish({ seen: model.see(b, { parameters, pixels: b.input('pixels', [1, 3, size, size]) }) });
}

export interface DecodeShape {
  /** Tokens at once. */
  readonly length: number;
  /** Positions of the cache. */
  readonly capacity: number;
  /** Of an encoder-decoder: what it reads, the outputs of its `buildEncodeProgram`. */
  readonly encoded?: Program['outputs'];
  /** Of a model that sees: the type of the output of `buildSeeProgram`. */
  readonly seen?: Type;
  /** The first tokens see each other: there is an input prefix i32[1], how many they are. */
  readonly hasPrefix?: boolean;
}

/**
 * Decoding with a cache: `length` tokens after those that are cached. Inputs: parameters, the cache of one sequence of
 * `capacity` positions by its names, tokens i32[1, T], start i32[] (positions cached), position i32[1] (of the last token
 * among these; what lies after it is filler). Outputs: logits f32[1, V] of the token after it, and the cache, in its
 * buffers. An encoder-decoder has what its encoder made as inputs too, and encoderSegments i32[1, S];
 * a model that sees has seen, and imagePlaces i32[1, T].
 */
export function buildDecodeProgram(
  model: LanguageModel,
  { length, capacity, encoded, seen, hasPrefix = false }: DecodeShape,
): DonatingProgram {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const types = Object.entries(model.cache(1, capacity));
  const state = Object.fromEntries(
    types.map(([name, { shape, dtype }]) => [name, b.input(name, shape, dtype)]),
  );
  const tokens = b.input('tokens', [1, length], 'i32');
  const result = model.forward(b, {
    parameters,
    tokens,
    cache: { state, start: b.input('start', [], 'i32') },
    encoded: encoded && addEncoded(b, encoded),
    ...(hasPrefix && { prefix: b.input('prefix', [1], 'i32') }),
    ...(seen && {
      seen: b.input('seen', seen.shape, seen.dtype),
      imagePlaces: b.input('imagePlaces', [1, length], 'i32'),
    }),
  });
  const logits = logitsAt(b, result, b.input('position', [1], 'i32'));
  const donate = Object.fromEntries(types.map(([name]) => [name, name]));
  return { program: b.finish({ logits, ...result.cache }), donate };
}

function addEncoded(b: Builder, outputs: Program['outputs']): Encoded {
  const state = Object.fromEntries(
    outputs.map(({ name, value }) => [name, b.input(name, value.shape, value.dtype)]),
  );
  const [, length] = outputs[0].value.shape;
  return { state, segments: b.input('encoderSegments', [1, length], 'i32') };
}

/** Logits f32[1, V] after one position of a sequence. */
function logitsAt(b: Builder, result: ForwardResult, position: Value): Value {
  const { hidden } = result;
  const [, length, width] = hidden.shape;
  const last = o.gather(b, o.reshape(b, hidden, [length, width]), position);
  return logitsOf(b, last, result);
}
