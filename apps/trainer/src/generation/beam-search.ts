// Beam search: at each step the likeliest continuations of the likeliest texts so far are kept. Texts that end compete by
// their log-likelihood over length^penalty, as in transformers (Wolf et al. 2020): the search is over when no text that goes
// on can be better than the worst of those that ended.

import { DataError } from '@gristmill/core';
import { createDecoder, freePrograms, type Decoder, type DecoderPrograms } from '../decoder.ts';
import { checkWrites, sourceOf } from '../generate.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { penaliseRepeated } from '../sampler.ts';
import { roundLength } from '../scorer.ts';

export interface BeamOptions {
  /** Texts that are kept. */
  readonly beams: number;
  readonly maxTokens: number;
  /** Above 0 favours long texts. Default 1. */
  readonly lengthPenalty?: number;
  readonly repetitionPenalty?: number;
}

interface Beam {
  readonly tokens: readonly number[];
  readonly logLikelihood: number;
}

interface Continuation {
  readonly beam: Beam;
  readonly token: number;
  readonly logLikelihood: number;
}

interface Ended {
  readonly tokens: readonly number[];
  readonly score: number;
}

/**
 * The best text's tokens, without its end.
 * @throws DataError `cannot-generate`, `text-too-long` where no position is left to write in
 */
export async function searchBeams(
  loaded: LoadedModel,
  prompt: readonly number[],
  options: BeamOptions,
): Promise<number[]> {
  const { beams: width, lengthPenalty = 1 } = options;
  const { model } = loaded;
  checkWrites(model);
  const isPair = model.kind === 'encoder-decoder';
  const start = prompt.length > 0 && !isPair ? [...prompt] : [model.startOfText];
  const most = Math.min(options.maxTokens, model.maxLength - start.length);
  if (most < Math.min(1, options.maxTokens)) throw noRoom(start.length, model.maxLength);
  const capacity = roundLength(start.length + most, model.maxLength);
  const programs: DecoderPrograms = new Map();
  const source = isPair ? sourceOf(model, prompt) : undefined;
  const decoders: Decoder[] = [];
  for (let i = 0; i < width; i++)
    decoders.push(await createDecoder({ ...loaded, capacity, source, programs }));
  const scoreOf = (logLikelihood: number, length: number) => logLikelihood / length ** lengthPenalty;
  let live: readonly Beam[] = [{ tokens: start, logLikelihood: 0 }];
  let ended: Ended[] = [];
  try {
    for (let length = 1; length <= most; length++) {
      const next = await continueBeams(decoders, live, {
        ...options,
        prefix: loaded.seesPrompt ? start.length : 0,
      });
      // Only those among the first `width` may end: a worse one would not be kept either.
      next.slice(0, width).forEach(({ beam, token, logLikelihood }) => {
        if (token === model.endOfText)
          ended = keepBest([...ended, { tokens: beam.tokens, score: scoreOf(logLikelihood, length) }], width);
      });
      live = next
        .filter(({ token }) => token !== model.endOfText)
        .slice(0, width)
        .map(({ beam, token, logLikelihood }) => ({ tokens: [...beam.tokens, token], logLikelihood }));
      const best = scoreOf(next[0].logLikelihood, length);
      if (ended.length === width && ended[width - 1].score >= best) break;
    }
  } finally {
    for (const decoder of decoders) decoder.close();
    freePrograms(loaded.executor, programs);
  }
  const unfinished = live.map(({ tokens, logLikelihood }) => ({
    tokens,
    score: scoreOf(logLikelihood, Math.max(1, tokens.length - start.length)),
  }));
  const isOver = ended.length === width && live.every(({ tokens }) => tokens.length - start.length < most);
  const [best] = keepBest(isOver ? ended : [...ended, ...unfinished], 1);
  return best.tokens.slice(start.length);
}

const keepBest = (all: readonly Ended[], count: number): Ended[] =>
  [...all].sort((a, b) => b.score - a.score).slice(0, count);

function noRoom(length: number, maxLength: number): DataError {
  return new DataError(
    'text-too-long',
    `the prompt has ${length} tokens, and the model reads ${maxLength}`,
    'shorten it; without --beams the oldest tokens are dropped',
  );
}

/** Twice as many as there are beams, the likeliest first, so that enough are left when some end. */
async function continueBeams(
  decoders: readonly Decoder[],
  live: readonly Beam[],
  { beams, prefix, repetitionPenalty = 1 }: BeamOptions & { readonly prefix: number },
): Promise<Continuation[]> {
  const all: Continuation[] = [];
  for (const [i, beam] of assignBeams(decoders, live).entries()) {
    if (beam === undefined) continue;
    const logits = await decoders[i].next(beam.tokens, prefix);
    const logProbabilities = logSoftmax(logits);
    penaliseRepeated(logProbabilities, beam.tokens, repetitionPenalty);
    for (const token of findLikeliest(logProbabilities, 2 * beams))
      all.push({ beam, token, logLikelihood: beam.logLikelihood + logProbabilities[token] });
  }
  return all.sort((a, b) => b.logLikelihood - a.logLikelihood).slice(0, 2 * beams);
}

/** Each beam goes to the decoder that holds most of it. */
function assignBeams(decoders: readonly Decoder[], live: readonly Beam[]): (Beam | undefined)[] {
  const assigned = new Array<Beam | undefined>(decoders.length).fill(undefined);
  for (const beam of live) {
    let best = -1;
    let most = -1;
    decoders.forEach((decoder, i) => {
      const held = assigned[i] ? -1 : decoder.countHeld(beam.tokens);
      if (held > most) [best, most] = [i, held];
    });
    assigned[best] = beam;
  }
  return assigned;
}

function logSoftmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((best, logit) => Math.max(best, logit), -Infinity);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return Float64Array.from(logits, (logit) => logit - most - Math.log(total));
}

/** In no order. */
function findLikeliest(values: Float64Array, count: number): number[] {
  const found: number[] = [];
  let least = -Infinity;
  values.forEach((value, token) => {
    if (found.length === count && value <= least) return;
    if (found.length === count)
      found.splice(
        found.findIndex((other) => values[other] === least),
        1,
      );
    found.push(token);
    if (found.length === count) least = Math.min(...found.map((other) => values[other]));
  });
  return found;
}
