// What the model writes now and then while it trains (samples.jsonl), always from the same prompt and draws, so that
// samples can be compared. Parameters are read and never changed: the run is the same with and without.

import type { LanguageModel } from '@gristmill/models';
import type { Executor, Tensor } from '@gristmill/tensor';
import { createDecoder } from '../decoder.ts';
import { drawUniform, sampleToken } from '../sampler.ts';
import { sourceOf } from '../generate.ts';
import { roundLength } from '../scorer.ts';
import { openTextTokenizer } from '../text-tokenizer.ts';

const sampleTokens = 64;
const drawing = { temperature: 0.8, topK: 50, topP: 1 };

export interface SampleWriter {
  /** Undefined when the signal broke it off. */
  write(parameters: Readonly<Record<string, Tensor>>, signal?: AbortSignal): Promise<string | undefined>;
}

export interface SampleWriterOptions {
  readonly executor: Executor;
  readonly model: LanguageModel;
  /** The bytes of tokenizer.json. */
  readonly tokenizer: Uint8Array;
  /** Empty: the beginning of a document. */
  readonly prompt: string;
  /** Its tokens see each other. */
  readonly seesPrompt?: boolean;
  readonly seed: number;
}

export async function createSampleWriter(options: SampleWriterOptions): Promise<SampleWriter> {
  const { executor, model, prompt, seed, seesPrompt = false } = options;
  const tokenizer = await openTextTokenizer(options.tokenizer, 'the folder of shards');
  const encoded = tokenizer.encode(prompt).slice(0, Math.max(1, model.maxLength >> 1));
  const isPair = model.kind === 'encoder-decoder';
  const start = encoded.length > 0 && !isPair ? encoded : [model.startOfText];
  const source = isPair ? sourceOf(model, encoded) : undefined;
  const most = Math.min(sampleTokens, model.maxLength - start.length);
  const capacity = roundLength(start.length + most, model.maxLength);
  return {
    async write(parameters, signal) {
      const decoder = await createDecoder({ executor, model, parameters, capacity, source, seesPrompt });
      const tokens = [...start];
      try {
        for (let n = 0; n < most; n++) {
          if (signal?.aborted) return undefined;
          const logits = await decoder.next(tokens, seesPrompt ? start.length : 0);
          const token = sampleToken(logits, { ...drawing, seed }, drawUniform(seed, n));
          if (token === model.endOfText) break;
          tokens.push(token);
        }
      } finally {
        decoder.close();
      }
      return new TextDecoder().decode(tokenizer.decodeBytes(tokens.slice(start.length)));
    },
  };
}
