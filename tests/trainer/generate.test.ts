import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRandom, documentId } from '@gristmill/core';
import { createModel, initialise, writeModel, type ModelConfig } from '@gristmill/models';
import { writeTokenShards } from '@gristmill/shards';
import { createWordCounter, loadTokenizer, trainTokenizer } from '@gristmill/tokenizer';
import {
  createDecoder,
  cutContext,
  evaluateItems,
  evaluateShards,
  generateTokens,
  loadModel,
  openTextTokenizer,
  summarise,
} from '@gristmill/trainer';
import { keepProgram } from '../kept-program.ts';
import { makeFolder } from './shards.ts';

const program = keepProgram('trainer');
afterAll(() => program.close());
const runProgram = (words: string[], input?: string) => program.run(words, { input });

const words = 'miller grinds grist corn rye wheel turns stream – façade 東京 🙂'.split(' ');
const random = createRandom(4);
const texts = Array.from({ length: 30 }, () =>
  Array.from({ length: 40 }, () => words[Math.floor(random() * words.length)]).join(' '),
);

/** A tokenizer of 300 tokens and an untrained model with it, in a model directory. */
async function makeModel() {
  const counter = createWordCounter({ type: 'bpe' });
  for (const text of texts) counter.addText(text);
  const json = trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 300 });
  const tokenizer = new TextEncoder().encode(JSON.stringify(json));
  const { vocabSize, tokenId } = loadTokenizer(tokenizer);
  const config: ModelConfig = {
    modelType: 'gpt2',
    vocabSize,
    nPositions: 16,
    nLayer: 1,
    nHead: 2,
    nEmbd: 16,
    dropout: 0.1,
    layerNormEpsilon: 1e-5,
    initializerRange: 0.3,
    eosTokenId: tokenId('<|endoftext|>') as number,
  };
  const made = createModel(config);
  const specs = made.parameters();
  const weights = new Map(specs.map((spec, i) => [spec.name, initialise(spec, i, 1)]));
  const directory = makeFolder('model');
  await writeModel(directory, { model: made, tokenizer }, weights);
  return { directory, config, tokenizer };
}

const { directory, config, tokenizer } = await makeModel();
const model = await loadModel(directory);
const codec = await openTextTokenizer(tokenizer, directory);

async function* asItems(list: readonly string[]) {
  for (const [i, text] of list.entries()) yield { id: String(i), text };
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

test('items are scored with their end-of-text token, over all their bytes', async () => {
  const results = await collect(evaluateItems(model, codec, asItems(texts)));
  const { items, bytes, tokens, loss, perplexity, bitsPerByte } = summarise('perplexity', results);
  expect(items).toBe(30);
  expect(bytes).toBe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  expect(tokens).toBe(texts.reduce((sum, text) => sum + codec.encode(text).length + 1, 0));
  expect(perplexity).toBeCloseTo(Math.exp(loss));
  expect(bitsPerByte).toBeCloseTo((loss * tokens) / Math.LN2 / bytes);
});

test('the loss of a text is what the probabilities of its tokens, one by one, add up to', async () => {
  const text = 'miller grinds rye'; // fits the model's 16 positions
  const tokens = [config.eosTokenId, ...codec.encode(text), config.eosTokenId];
  expect(tokens.length).toBeLessThan(17);
  let expected = 0;
  for (let at = 1; at < tokens.length; at++) {
    const logits = [...(await model.nextLogits(tokens.slice(0, at)))];
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    expected -= logits[tokens[at]] - Math.log(total);
  }
  const [result] = await collect(evaluateItems(model, codec, asItems([text])));
  expect(result.loss).toBeCloseTo(expected, 3);
});

test('score gives the log-likelihood of a text after its context', async () => {
  const line = JSON.stringify({ id: 'x', text: ' rye', context: 'miller grinds' });
  const { stdout, code } = await runProgram(['score', '--model', directory, '-'], `${line}\n`);
  expect(code).toBe(0);
  const scored = JSON.parse(stdout) as { logLikelihood: number; tokens: number; greedy: boolean };
  const context = codec.encode('miller grinds');
  const wanted = codec.encode(' rye');
  expect(scored.tokens).toBe(wanted.length);
  expect(scored.logLikelihood).toBeLessThan(0);
  const logits = [...(await model.nextLogits(context))];
  expect(scored.greedy).toBe(wanted.length === 1 && logits.indexOf(Math.max(...logits)) === wanted[0]);
});

test('the same seed writes the same text, another seed another, and characters come whole', async () => {
  const options = { temperature: 1, topK: 0, topP: 1, maxTokens: 60 };
  const write = async (seed: number) =>
    collect(generateTokens(model, codec.encode('miller'), { ...options, seed }));
  const [first, again, other] = [await write(1), await write(1), await write(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  const args = ['generate', '--model', directory, '--prompt', 'miller', '--max-tokens', '60', '--seed', '1'];
  const { stdout, code } = await runProgram([...args, '--temperature', '1']);
  expect(code).toBe(0);
  expect(stdout).toBe(`miller${new TextDecoder().decode(codec.decodeBytes(first))}\n`);
});

for (const name of ['cpu', 'reference'])
  test(`on ${name} a cache writes the tokens that are written without one, over several windows`, async () => {
    const loaded = name === 'cpu' ? model : await loadModel(directory, { name });
    const prompt = codec.encode('miller grinds');
    const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0, maxTokens: 45 };
    const written = await collect(generateTokens(loaded, prompt, greedy));
    const expected: number[] = [];
    while (expected.length < 45) {
      const logits = await loaded.nextLogits(cutContext([...prompt, ...expected], config.nPositions));
      const token = logits.indexOf(Math.max(...logits));
      if (token === config.eosTokenId) break;
      expected.push(token);
    }
    expect(new Set(expected).size).toBeGreaterThan(3);
    expect(written).toEqual(expected);
  });

test('a decoder takes up where two texts part, and reads a long prompt in pieces', async () => {
  const decoder = await createDecoder({ ...model, capacity: 13 });
  const common = codec.encode('miller').slice(0, 3);
  const texts = [[5, 6, 7], [5, 9], [8], [5, 6, 7, 10, 11, 12, 13, 14, 15, 16]];
  for (const rest of texts) {
    const tokens = [...common, ...rest].slice(0, 13);
    const [cached, plain] = [await decoder.next(tokens), await model.nextLogits(tokens)];
    cached.forEach((logit, i) => expect(logit).toBeCloseTo(plain[i], 4));
  }
  decoder.close();
});

test('the context is everything, then what is left of it after its older half is dropped', () => {
  const tokens = (count: number) => Array.from({ length: count }, (_, i) => i);
  expect(cutContext(tokens(8), 8)).toEqual(tokens(8));
  expect(cutContext(tokens(9), 8)).toEqual([4, 5, 6, 7, 8]);
  expect(cutContext(tokens(12), 8)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  expect(cutContext(tokens(13), 8)).toEqual([8, 9, 10, 11, 12]);
});

test('score takes one pass for all tokens of a text, also of one that is longer than the model reads', async () => {
  const [text, context] = ['miller grinds rye', 'corn wheel'];
  const long = texts[0];
  const lines = [
    { id: 'a', text, context },
    { id: 'b', text: long },
  ].map((item) => JSON.stringify(item));
  const { stdout } = await runProgram(['score', '--model', directory, '-'], `${lines.join('\n')}\n`);
  const scored = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { logLikelihood: number; tokens: number; greedy: boolean });
  const sequence = [...codec.encode(context), ...codec.encode(text)];
  const wanted = codec.encode(text).length;
  let expected = 0;
  for (let at = sequence.length - wanted; at < sequence.length; at++) {
    const logits = [...(await model.nextLogits(sequence.slice(0, at)))];
    expected += logits[sequence[at]] - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  }
  expect(scored[0]).toMatchObject({ tokens: wanted, greedy: false });
  expect(scored[0].logLikelihood).toBeCloseTo(expected, 3);
  const [whole] = await collect(evaluateItems(model, codec, asItems([long])));
  expect(scored[1].tokens).toBe(whole.tokens - 1); // evaluate counts the end-of-text token too
  expect(scored[1].logLikelihood).toBeLessThan(0);
  expect(-scored[1].logLikelihood).toBeLessThan(whole.loss);
});

test('a split of shards is scored as one stream, over the bytes of its documents', async () => {
  const shards = makeFolder('shards');
  const documents = texts.slice(0, 5).map((text, i) => ({
    id: documentId({ name: 'test', path: String(i) }),
    split: 'validation',
    source: ['mill', 'river'][i % 2],
    tokens: codec.encode(text),
  }));
  await writeTokenShards(shards, documents, {
    vocabSize: config.vocabSize,
    endOfText: config.eosTokenId,
    tokenizer,
  });
  const args = ['evaluate', '--model', directory, '--task', 'bits-per-byte', '--shards', shards];
  const { stdout, code } = await runProgram(args);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Record<string, number>;
  expect(Object.keys(report)).toEqual(
    'task items tokens bytes loss perplexity bitsPerByte excluded intervals sources'.split(' '),
  );
  expect(report.items).toBe(5);
  expect(report.bytes).toBe(texts.slice(0, 5).reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  expect(report.tokens).toBe(documents.reduce((sum, { tokens }) => sum + tokens.length + 1, 0));
  const { sources } = report as unknown as { sources: Record<string, number>[] };
  expect(sources).toMatchObject([
    { source: 'mill', items: 3 },
    { source: 'river', items: 2 },
  ]);
  // The stream is one, whatever its sources.
  for (const name of ['tokens', 'bytes']) expect(sources[0][name] + sources[1][name]).toBe(report[name]);
  const nats = sources.reduce((sum, { loss, tokens }) => sum + loss * tokens, 0);
  expect(nats).toBeCloseTo(report.loss * report.tokens, 6);
  const leftOut = new Set([documents[1].id, documents[3].id, 'f'.repeat(32)]);
  const rest = await evaluateShards(model, codec, shards, { leftOut });
  expect(rest.excluded).toBe(2);
  const kept = [0, 2, 4].map((i) => [documents[i].id, Buffer.byteLength(texts[i])]);
  expect(rest.documents.map(({ id, bytes }) => [id, bytes]).sort()).toEqual(kept.sort());
});

test('a model is exported and imported without a change', async () => {
  const [out, back] = [makeFolder('export'), makeFolder('import')];
  expect((await runProgram(['export', '--model', directory, '--format', 'hf', '--out', out])).code).toBe(0);
  expect((await runProgram(['import', out, '--out', back])).code).toBe(0);
  for (const file of ['config.json', 'model.safetensors', 'tokenizer.json', 'generation_config.json'])
    expect(readFileSync(join(back, file)).equals(readFileSync(join(directory, file)))).toBe(true);
});

test('a line that is no JSON object is named', async () => {
  const file = join(makeFolder('lines'), 'texts.jsonl');
  writeFileSync(file, '{"id":"1","text":"a"}\nnonsense\n');
  const args = ['evaluate', '--model', directory, '--task', 'perplexity', '--data', file];
  const { stderr, code } = await runProgram(args);
  expect(code).toBe(2);
  expect(stderr).toContain('line 2 is no JSON object');
});
