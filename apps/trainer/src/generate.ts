// Writing text token by token with a cache. The context is all tokens as long as the model's positions suffice; each time
// they do not, the older half of the context is dropped, so that half of it is computed anew once in half a context.

import { createDecoder } from './decoder.ts';
import type { LoadedModel } from './loaded-model.ts';
import { drawUniform, sampleToken, type SamplingOptions } from './sampler.ts';
import { roundLength } from './scorer.ts';

export interface GenerateOptions extends SamplingOptions {
  readonly maxTokens: number;
  /** Looked at before each token. */
  readonly shouldStop?: () => boolean;
}

/** Yields tokens until the end-of-text token (which is not yielded) or maxTokens. */
export async function* generateTokens(
  loaded: LoadedModel,
  prompt: readonly number[],
  options: GenerateOptions,
): AsyncGenerator<number> {
  const { startOfText, endOfText, maxLength } = loaded.model;
  const tokens = prompt.length > 0 ? [...prompt] : [startOfText];
  const capacity = roundLength(tokens.length + options.maxTokens, maxLength);
  const decoder = await createDecoder({ ...loaded, capacity });
  try {
    for (let n = 0; n < options.maxTokens && !options.shouldStop?.(); n++) {
      const logits = await decoder.next(cutContext(tokens, maxLength));
      const token = sampleToken(logits, options, drawUniform(options.seed, n));
      if (token === endOfText) return;
      tokens.push(token);
      yield token;
    }
  } finally {
    decoder.close();
  }
}

/** The newest tokens that are looked at: all of them, or what is left after dropping halves of the context. */
export function cutContext(tokens: readonly number[], maxLength: number): readonly number[] {
  const half = Math.max(1, maxLength >> 1);
  const beyond = Math.max(0, tokens.length - maxLength);
  return tokens.slice(Math.ceil(beyond / half) * half);
}
