// Writing text token by token with a cache. The context is all tokens as long as the model's positions suffice; each time
// they do not, the older half of the context is dropped, so that half of it is computed anew once in half a context. An
// encoder-decoder reads the prompt as its source, and writes from nothing; a prefix language model sees the prompt whole.

import { DataError } from '@gristmill/core';
import type { LanguageModel } from '@gristmill/models';
import { createDecoder } from './decoder.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { TokenConstraint } from './generation/json-writer.ts';
import { drawUniform, penaliseRepeated, sampleToken, type SamplingOptions } from './sampler.ts';
import { roundLength } from './scorer.ts';

export interface GenerateOptions extends SamplingOptions {
  readonly maxTokens: number;
  /** The image that the prompt's image tokens stand for; the text then ends with the model's positions. */
  readonly pixels?: Float32Array;
  /** Above 1 makes tokens less likely that stand in the prompt or were written. Default 1. */
  readonly repetitionPenalty?: number;
  /** Which tokens may be written. */
  readonly constraint?: TokenConstraint;
  /** Looked at before each token. */
  readonly shouldStop?: () => boolean;
}

/**
 * Yields tokens until the end-of-text token (which is not yielded) or maxTokens.
 * @throws DataError `cannot-generate`
 */
export async function* generateTokens(
  loaded: LoadedModel,
  prompt: readonly number[],
  options: GenerateOptions,
): AsyncGenerator<number> {
  const { model } = loaded;
  const { startOfText, endOfText, maxLength } = model;
  checkWrites(model);
  const isPair = model.kind === 'encoder-decoder';
  const tokens = prompt.length > 0 && !isPair ? [...prompt] : [startOfText];
  const source = isPair ? sourceOf(model, prompt) : undefined;
  const { pixels } = options;
  if (pixels) checkRoom(tokens, maxLength);
  const most = pixels ? Math.min(options.maxTokens, maxLength - tokens.length) : options.maxTokens;
  const capacity = roundLength(tokens.length + most, maxLength);
  const decoder = await createDecoder({ ...loaded, capacity, source, pixels });
  try {
    for (let n = 0; n < most && !options.shouldStop?.(); n++) {
      const context = cutContext(tokens, maxLength);
      const prompted = Math.max(0, context.length - n); // tokens of the prompt that are left
      const logits = await decoder.next(context, loaded.seesPrompt ? prompted : 0);
      penaliseRepeated(logits, tokens, options.repetitionPenalty ?? 1);
      await options.constraint?.restrict(logits, most - n);
      const token = sampleToken(logits, options, drawUniform(options.seed, n));
      const isWhole = options.constraint?.accept(token);
      if (token === endOfText) return;
      tokens.push(token);
      yield token;
      if (isWhole) return;
    }
  } finally {
    decoder.close();
  }
}

/** An image is seen whole or not at all. */
function checkRoom({ length }: readonly number[], maxLength: number): void {
  if (length < maxLength) return;
  throw new DataError(
    'cannot-generate',
    `the image and the prompt take ${length} positions, and the model has ${maxLength}`,
    'shorten the prompt',
  );
}

/** @throws DataError `cannot-generate` for a model that writes no text from left to right */
export function checkWrites({ kind, type }: LanguageModel): void {
  if (kind !== 'encoder') return;
  throw new DataError(
    'cannot-generate',
    `a ${type} tells hidden tokens and writes no text`,
    'give a decoder or an encoder-decoder; score ranks texts by an encoder',
  );
}

/** What an encoder reads of a text: its tokens and the end, no more than it has positions for. */
export function sourceOf({ endOfText, maxLength }: LanguageModel, tokens: readonly number[]): number[] {
  return [...tokens.slice(0, maxLength - 1), endOfText];
}

/** The newest tokens that are looked at: all of them, or what is left after dropping halves of the context. */
export function cutContext(tokens: readonly number[], maxLength: number): readonly number[] {
  const half = Math.max(1, maxLength >> 1);
  const beyond = Math.max(0, tokens.length - maxLength);
  return tokens.slice(Math.ceil(beyond / half) * half);
}
