// How likely continuations of prompts are, many at once. A decoder is asked as lm-evaluation-harness asks it: prompt and
// continuation are made tokens as one text, spaces at the prompt's end belong to the continuation, and of what is too long
// the beginning is cut. Other models are asked one by one (score-text.ts).

import type { LoadedModel } from '../loaded-model.ts';
import { scoreText } from '../score-text.ts';
import type { ScoredWindow } from '../scorer.ts';
import type { TextTokenizer } from '../text-tokenizer.ts';
import type { LengthCheck } from '../too-long.ts';

export interface Request {
  /** Of the item that asks, for messages. */
  readonly id: string;
  readonly prompt: string;
  readonly continuation: string;
}

export interface ScoredRequest {
  /** Nats. */
  readonly logLikelihood: number;
  readonly tokens: number;
  /** Whether each of them is the likeliest. */
  readonly greedy: boolean;
}

/**
 * One result for each request, in their order; undefined for those that are left out since they are too long.
 * @throws DataError `text-too-long`
 */
export async function scoreRequests(
  loaded: LoadedModel,
  tokenizer: TextTokenizer,
  requests: readonly Request[],
  length: LengthCheck,
): Promise<(ScoredRequest | undefined)[]> {
  const { kind = 'decoder', maxLength, startOfText } = loaded.model;
  if (kind !== 'decoder') return scoreEach(loaded, tokenizer, requests);
  const results = new Array<ScoredRequest | undefined>(requests.length);
  const windows: ScoredWindow[] = [];
  const places: number[] = [];
  requests.forEach((request, i) => {
    const { given, wanted } = encodePair(tokenizer, request);
    const whole = [...(given.length > 0 ? given : [startOfText]), ...wanted];
    if (wanted.length === 0) results[i] = { logLikelihood: 0, tokens: 0, greedy: true };
    else if (length.accepts(request.id, whole.length - 1)) {
      windows.push(lastWindow(whole, wanted.length, maxLength));
      places.push(i);
    }
  });
  const ranked = await loaded.scorer.rank(windows);
  ranked.forEach(({ losses, likeliest }, n) => {
    const { targets } = windows[n];
    const asked = [...targets.keys()].filter((i) => targets[i] >= 0);
    results[places[n]] = {
      logLikelihood: -asked.reduce((sum, i) => sum + losses[i], 0),
      tokens: asked.length,
      greedy: asked.every((i) => likeliest[i] === targets[i]),
    };
  });
  return results;
}

/** Tokens of both parts, as they are when the texts stand together. */
function encodePair(tokenizer: TextTokenizer, { prompt, continuation }: Request) {
  const trimmed = prompt.trimEnd();
  const given = trimmed === '' ? [] : tokenizer.encode(trimmed);
  const text = `${trimmed === '' ? '' : prompt}${continuation}`;
  return { given, wanted: tokenizer.encode(text).slice(given.length) };
}

/** The last tokens that the model reads; of them the last `wanted` are asked for. */
function lastWindow(whole: readonly number[], wanted: number, maxLength: number): ScoredWindow {
  const kept = whole.slice(-(maxLength + 1));
  const tokens = Int32Array.from(kept.slice(0, -1));
  const first = tokens.length - wanted;
  return { tokens, targets: Int32Array.from(kept.slice(1), (token, i) => (i < first ? -1 : token)) };
}

async function scoreEach(
  loaded: LoadedModel,
  tokenizer: TextTokenizer,
  requests: readonly Request[],
): Promise<ScoredRequest[]> {
  const results: ScoredRequest[] = [];
  for (const { id, prompt, continuation } of requests) {
    const context = prompt === '' ? {} : { context: prompt };
    results.push(await scoreText(loaded, tokenizer, { id, text: continuation, ...context }));
  }
  return results;
}
