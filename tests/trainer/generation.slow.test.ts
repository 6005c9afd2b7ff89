// JSON of 200 schemas, judged by ajv; beams and likelihoods beside transformers.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  createJsonGrammar,
  createLengthCheck,
  generateTokens,
  loadModel,
  openTextTokenizer,
  scoreRequests,
  sampleToken,
  searchBeams,
  type TokenConstraint,
} from '@gristmill/trainer';
import { findPython, runPython } from '../python/python.ts';
import { isValid, makeSchema } from './json-schemas.ts';
import { makeModel, writeWords } from './small-models.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const program = readFileSync(fileURLToPath(new URL('../python/generation.py', import.meta.url)), 'utf8');
const { directory, tokenizer } = await makeModel('gpt2', { nPositions: 256, dropout: 0 });
const [model, codec] = [await loadModel(directory), await openTextTokenizer(tokenizer, directory)];
afterAll(() => model.close());

/** Tokens drawn from random logits, under a constraint. */
function drawFreely({ restrict, accept }: TokenConstraint, random: () => number): Promise<number[]> {
  const tokens: number[] = [];
  const draw = async (left: number): Promise<number[]> => {
    const logits = Float32Array.from({ length: model.model.vocabSize }, () => random() * 6);
    await restrict(logits, left);
    const token = sampleToken(logits, { temperature: 1, topK: 0, topP: 1, seed: 0 }, random());
    if (token !== model.model.endOfText) tokens.push(token);
    return accept(token) || left === 1 ? tokens : draw(left - 1);
  };
  return draw(400);
}

test('whatever logits are, the text of each of 200 schemas is right, nearly always at once', async () => {
  const { vocabSize, endOfText } = model.model;
  let again = 0;
  for (let seed = 0; seed < 200; seed++) {
    const schema = makeSchema(seed);
    const grammar = await createJsonGrammar({
      ...{ schema: JSON.stringify(schema), tokenizer: codec, vocabSize, endOfText },
    });
    const random = createRandom(seed);
    const write = async () => {
      const constraint = await grammar.begin();
      const tokens = await drawFreely(constraint, random);
      constraint.close();
      return new TextDecoder().decode(codec.decodeBytes(tokens));
    };
    let text = await write();
    // Bytes that are no UTF-8 may make a text longer than its schema lets it be: then it is written again, as by generate.
    for (let n = 0; n < 3 && grammar.judge(text) !== undefined; n++, again++) text = await write();
    expect(isValid(schema, JSON.parse(text)), `${JSON.stringify(schema)}\n${text}`).toBe(true);
  }
  expect(again).toBeLessThan(15);
});

test.skipIf(!python)(
  `beams find the texts that transformers finds, likelihoods are the same to 1e-4${why}`,
  async () => {
    const prompts = Array.from({ length: 6 }, (_, i) => codec.encode(writeWords(2 + i)));
    const asked = [
      { beams: 2, lengthPenalty: 1, maxTokens: 12, repetitionPenalty: 1 },
      { beams: 4, lengthPenalty: 1, maxTokens: 20, repetitionPenalty: 1 },
      { beams: 5, lengthPenalty: 0, maxTokens: 15, repetitionPenalty: 1 },
      { beams: 3, lengthPenalty: 2, maxTokens: 15, repetitionPenalty: 1.3 },
      { beams: 1, lengthPenalty: 1, maxTokens: 15, repetitionPenalty: 1.5 },
    ];
    const pairs = Array.from({ length: 20 }, (_, i) => ({
      prompt: i === 0 ? '' : writeWords(i * i) + (i % 3 === 0 ? '  ' : ''),
      continuation: ` ${writeWords(1 + (i % 7))}`,
    }));
    const theirs = JSON.parse(
      runPython(python!, program, [directory], JSON.stringify({ prompts, asked, pairs })),
    ) as { texts: number[][][]; scored: { logLikelihood: number; greedy: boolean }[] };
    // One beam is the likeliest token at each step.
    const find = async (prompt: readonly number[], options: (typeof asked)[0]) => {
      if (options.beams > 1) return searchBeams(model, prompt, options);
      const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0, ...options };
      const tokens: number[] = [];
      for await (const token of generateTokens(model, prompt, greedy)) tokens.push(token);
      return tokens;
    };
    for (const [i, options] of asked.entries())
      for (const [n, prompt] of prompts.entries())
        expect(await find(prompt, options), `${JSON.stringify(options)}, prompt ${n}`).toEqual(
          theirs.texts[i][n],
        );
    const requests = pairs.map((pair, i) => ({ id: String(i), ...pair }));
    const ours = await scoreRequests(model, codec, requests, createLengthCheck('cut', 256));
    ours.forEach((scored, i) => {
      expect(Math.abs(scored!.logLikelihood - theirs.scored[i].logLikelihood), `pair ${i}`).toBeLessThan(
        1e-4,
      );
      expect(scored!.greedy).toBe(theirs.scored[i].greedy);
    });
  },
);
