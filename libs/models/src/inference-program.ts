// Programs without a loss: logits of whole sequences, what each position would have written, and decoding with and
// without a cache of keys and values.

import { createBuilder, operations as o, type Builder, type Program, type Value } from '@gristmill/tensor';
import type { BatchShape } from './batch.ts';
import type { ForwardResult, LanguageModel } from './language-model.ts';
import { logitsOf } from './logits.ts';
import { addParameters, type DonatingProgram } from './training-program.ts';

/** Inputs: parameters, tokens i32[B, T]. Output: logits f32[B, T, V]. */
export function buildLogitsProgram(model: LanguageModel, { batch, length }: BatchShape): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const result = model.forward(b, { parameters, tokens: b.input('tokens', [batch, length], 'i32') });
  return b.finish({ logits: logitsOf(b, result.hidden, result) });
}

/** Inputs: parameters, tokens i32[1, T], position i32[1]. Output: logits f32[1, V] of the token after that position. */
export function buildNextTokenProgram(model: LanguageModel, length: number): Program {
  const b = createBuilder();
  const parameters = addParameters(b, model.parameters());
  const result = model.forward(b, { parameters, tokens: b.input('tokens', [1, length], 'i32') });
  return b.finish({ logits: logitsAt(b, result, b.input('position', [1], 'i32')) });
}

/**
 * Decoding with a cache: `length` tokens after those that are cached. Inputs: parameters, the cache of one sequence of
 * `capacity` positions by its names, tokens i32[1, T], start i32[] (positions cached), position i32[1] (of the last token
 * among these; what lies after it is filler). Outputs: logits f32[1, V] of the token after it, and the cache, in its
 * buffers.
 */
export function buildDecodeProgram(
  model: LanguageModel,
  { length, capacity }: { readonly length: number; readonly capacity: number },
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
  });
  const logits = logitsAt(b, result, b.input('position', [1], 'i32'));
  const donate = Object.fromEntries(types.map(([name]) => [name, name]));
  return { program: b.finish({ logits, ...result.cache }), donate };
}

/** Logits f32[1, V] after one position of a sequence. */
function logitsAt(b: Builder, result: ForwardResult, position: Value): Value {
  const { hidden } = result;
  const [, length, width] = hidden.shape;
  const last = o.gather(b, o.reshape(b, hidden, [length, width]), position);
  return logitsOf(b, last, result);
}
