// Writing text token by token. The context is the newest tokens that fit the model's positions.

import type { LoadedModel } from './loaded-model.ts';
import { drawUniform, sampleToken, type SamplingOptions } from './sampler.ts';

export interface GenerateOptions extends SamplingOptions {
  readonly maxTokens: number;
  /** Looked at before each token. */
  readonly shouldStop?: () => boolean;
}

/** Yields tokens until the end-of-text token (which is not yielded) or maxTokens. */
export async function* generateTokens(
  model: LoadedModel,
  prompt: readonly number[],
  options: GenerateOptions,
): AsyncGenerator<number> {
  const { endOfText, maxLength } = model.model;
  const tokens = prompt.length > 0 ? [...prompt] : [endOfText];
  for (let n = 0; n < options.maxTokens && !options.shouldStop?.(); n++) {
    const logits = await model.nextLogits(tokens.slice(-maxLength));
    const token = sampleToken(logits, options, drawUniform(options.seed, n));
    if (token === endOfText) return;
    tokens.push(token);
    yield token;
  }
}
