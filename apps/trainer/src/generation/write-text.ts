// Text for a prompt, as it is written: by drawing, by beams, or as JSON of a schema.

import { DataError } from '@gristmill/core';
import { cutContext, generateTokens, type GenerateOptions } from '../generate.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { TextTokenizer } from '../text-tokenizer.ts';
import { searchBeams } from './beam-search.ts';
import type { JsonGrammar } from './json-writer.ts';
import { createTextStream } from './text-stream.ts';

export interface WriteOptions extends GenerateOptions {
  /** The text ends before the first of these that it would hold. */
  readonly stops?: readonly string[];
  /** More than one: the best text that is found, without drawing. */
  readonly beams?: number;
  readonly lengthPenalty?: number;
  /** The text is JSON of its schema. */
  readonly grammar?: JsonGrammar;
}

/**
 * Pieces of text, none of which ends within a character.
 * @throws DataError `cannot-generate`, `json-not-written`
 */
export async function* writeText(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  prompt: readonly number[],
  options: WriteOptions,
): AsyncGenerator<string> {
  const { grammar, beams = 1, stops } = options;
  if (grammar) return yield await writeJson(model, tokenizer, prompt, { ...options, grammar });
  const isPair = model.model.kind === 'encoder-decoder';
  const before = isPair ? [] : cutContext(prompt, model.model.maxLength);
  const stream = createTextStream({ decode: (tokens) => tokenizer.decode(tokens), before, stops });
  const tokens =
    beams > 1
      ? await searchBeams(model, prompt, { ...options, beams })
      : generateTokens(model, prompt, options);
  for await (const token of tokens) {
    const text = stream.push(token);
    if (text !== '') yield text;
    if (stream.isStopped) return;
  }
  const rest = stream.end();
  if (rest !== '') yield rest;
}

const attempts = 8;

/** Drawn again, from other numbers, where a schema says more than a grammar can. */
async function writeJson(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  prompt: readonly number[],
  options: WriteOptions & { readonly grammar: JsonGrammar },
): Promise<string> {
  const { grammar, seed } = options;
  let why = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    const constraint = await grammar.begin();
    const tokens: number[] = [];
    try {
      const drawing = { ...options, seed: seed + attempt * 0x9e3779b1, constraint };
      for await (const token of generateTokens(model, prompt, drawing)) tokens.push(token);
    } finally {
      constraint.close();
    }
    const text = new TextDecoder().decode(tokenizer.decodeBytes(tokens));
    const wrong = grammar.judge(text);
    if (wrong === undefined) return text;
    why = wrong;
    if (options.temperature === 0) break; // it would be the same again
  }
  throw new DataError(
    'json-not-written',
    `no text that the schema describes came out: ${why}`,
    'raise --max-tokens, or simplify the schema',
  );
}
