// How text is written: what is drawn from, what is held back, beams, JSON of a schema.
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  createJsonGrammar,
  createTextStream,
  loadModel,
  openTextTokenizer,
  penaliseRepeated,
  sampleToken,
  searchBeams,
  writeText,
} from '@gristmill/trainer';
import { isValid, makeSchema } from './json-schemas.ts';
import { makeModel, writeWords } from './small-models.ts';

const { directory, tokenizer } = await makeModel('gpt2', { nPositions: 256 });
const [model, codec] = [
  await loadModel(directory, { threads: 1 }),
  await openTextTokenizer(tokenizer, directory),
];
const drawing = { temperature: 1, topK: 0, topP: 1, seed: 5, maxTokens: 20 };

async function write(prompt: string, options: Partial<Parameters<typeof writeText>[3]> = {}) {
  let text = '';
  const pieces = writeText(model, codec, codec.encode(prompt), { ...drawing, ...options });
  for await (const piece of pieces) text += piece;
  return text;
}

test('tokens below a share of the likeliest one are never drawn, and the others as often as before', () => {
  const probabilities = [0.5, 0.26, 0.13, 0.06, 0.05];
  const logits = probabilities.map(Math.log);
  const options = { temperature: 1, topK: 0, topP: 1, minP: 0.2, seed: 0 };
  const drawn = Array.from({ length: 890 }, (_, i) => sampleToken(logits, options, (i + 0.5) / 890));
  const counts = probabilities.map((_, token) => drawn.filter((other) => other === token).length);
  expect(counts).toEqual([500, 260, 130, 0, 0]);
  // As in transformers, the share counts after the smallest set of a probability.
  const both = [0.1, 0.4, 0.65, 0.9].map((u) => sampleToken(logits, { ...options, topP: 0.7 }, u));
  expect(both).toEqual([0, 0, 0, 1]);
  // A token that nothing allows is not drawn, however near to one the number is.
  expect(sampleToken([0, -Infinity, 0], { ...options, minP: 0 }, 1 - 2 ** -53)).toBe(2);
});

test('what was written becomes less likely, whatever the sign of its logit', () => {
  const logits = Float32Array.of(2, -2, 1, 4);
  penaliseRepeated(logits, [0, 1, 0], 2);
  expect([...logits]).toEqual([1, -4, 1, 4]);
});

test('a stop string ends the text before itself, over however many tokens it goes', async () => {
  const whole = await write('miller', { maxTokens: 40 });
  expect(whole.length).toBeGreaterThan(20);
  for (const from of [3, 11]) {
    const stop = whole.slice(from, from + 4);
    expect(await write('miller', { maxTokens: 40, stops: ['\0never', stop] })).toBe(
      whole.slice(0, whole.indexOf(stop)),
    );
  }
});

test('a text comes out as it would be decoded whole, in pieces that end within no character', () => {
  const random = createRandom(7);
  for (let round = 0; round < 40; round++) {
    const text = `${writeWords(6)}\n🙂 東京 façade`;
    const tokens = codec.encode(text);
    if (random() < 0.3) tokens.splice(Math.floor(random() * tokens.length), 1); // bytes that are no character
    const start = Math.floor(random() * 4);
    const stream = createTextStream({
      decode: codec.decode,
      before: tokens.slice(0, start),
      stops: ['never'],
    });
    const pieces = [...tokens.slice(start).map((token) => stream.push(token)), stream.end()];
    expect(codec.decode(tokens.slice(0, start)) + pieces.join('')).toBe(codec.decode(tokens));
  }
});

test('WordPiece is written without its joints', async () => {
  const bert = await makeModel('bert');
  const pieces = await openTextTokenizer(bert.tokenizer, bert.directory);
  const words = 'miller grindstone wheel façade';
  const tokens = pieces.encode(words);
  const stream = createTextStream({ decode: pieces.decode });
  const text = [...tokens.map((token) => stream.push(token)), stream.end()].join('');
  expect(tokens.length).toBeGreaterThan(4); // some words are several pieces
  expect(text).toBe(words);
});

test('of two beams the better text is written, and it is likelier than the greedy one', async () => {
  const prompt = codec.encode('miller grinds');
  const greedy = codec.encode('');
  const likelihood = async (tokens: readonly number[]) => {
    let sum = 0;
    for (let at = 0; at < tokens.length; at++) {
      const logits = [...(await model.nextLogits([...prompt, ...tokens.slice(0, at)]))];
      sum += logits[tokens[at]] - Math.log(logits.reduce((all, logit) => all + Math.exp(logit), 0));
    }
    return sum;
  };
  for (let n = 0; n < 6; n++) {
    const logits = await model.nextLogits([...prompt, ...greedy]);
    greedy.push(logits.indexOf(Math.max(...logits)));
  }
  const one = await searchBeams(model, prompt, { beams: 1, maxTokens: 6, lengthPenalty: 0 });
  const many = await searchBeams(model, prompt, { beams: 4, maxTokens: 6, lengthPenalty: 0 });
  expect(one).toEqual(greedy);
  expect(await likelihood(many)).toBeGreaterThan(await likelihood(one));
  const long = codec.encode(writeWords(300));
  await expect(searchBeams(model, long, { beams: 2, maxTokens: 3 })).rejects.toMatchObject({
    code: 'text-too-long',
  });
});

const sizes = { tokenizer: codec, vocabSize: model.model.vocabSize, endOfText: model.model.endOfText };

test('JSON of a schema comes out of a model that knows nothing', async () => {
  for (const seed of [3, 9]) {
    const schema = makeSchema(seed);
    const grammar = await createJsonGrammar({ ...sizes, schema: JSON.stringify(schema) });
    const text = await write('miller', { grammar, maxTokens: 160, seed });
    expect(isValid(schema, JSON.parse(text)), text).toBe(true);
  }
});

test.each([
  ['{', /Expected property name/],
  ['{"type": "nonsense"}', /type must be equal to one of the allowed values|schema is invalid/],
  ['{"type": "string", "pattern": "(?=a)b"}', /Lookahead is not supported yet/],
  ['{"$ref": "#/$defs/x"}', /can't resolve reference/],
])('the schema %s is refused', async (schema, message) => {
  const refused = { code: 'wrong-schema', message: expect.stringMatching(message) as string };
  await expect(createJsonGrammar({ ...sizes, schema })).rejects.toMatchObject(refused);
});

test('a schema that a grammar cannot keep and drawing does not meet is no silent failure', async () => {
  const schema = JSON.stringify({ type: 'string', minLength: 3, not: { type: 'string' } });
  const grammar = await createJsonGrammar({ ...sizes, schema });
  await expect(write('miller', { grammar })).rejects.toMatchObject({ code: 'json-not-written' });
});
