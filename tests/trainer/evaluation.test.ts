// What is measured of a model, and of texts that it wrote.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  chooseMetric,
  createLengthCheck,
  embedTexts,
  loadModel,
  openTextTokenizer,
  readSegments,
  type LengthCheck,
} from '@gristmill/trainer';
import { makeModel, writeWords } from './small-models.ts';
import { makeFolder } from './shards.ts';

function writeLines(...lines: (object | string)[]): string {
  const file = join(makeFolder('lines'), 'items.jsonl');
  writeFileSync(
    file,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return file;
}

const translations = [
  {
    id: 1,
    hyp: 'The miller grinds corn, and the wheel turns.',
    ref: 'The miller is grinding corn; the wheel turns.',
  },
  { hyp: 'On the hill stands a mill', ref: ['A mill stands on the hill.', 'There is a mill on the hill.'] },
];

// sacreBLEU 2.6.0 and rouge_score 0.1.2 gave these.
test.each([
  ['bleu', 25.41498758030134, 'case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0'],
  ['chrf', 64.57816673381261, 'case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0'],
  ['ter', 41.37931034482759, 'case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:2.6.0'],
  ['rouge-l', 0.625, 'case:lc|tok:rouge|stem:no'],
  ['exact-match', 0, 'case:mixed|trim:yes'],
])('%s of two translations is %d', async (metric, score, signature) => {
  const segments = await readSegments(writeLines(...translations));
  expect(segments.map(({ id }) => id)).toEqual(['1', '2']);
  expect(chooseMetric(metric)(segments)).toMatchObject({ metric, signature: `nrefs:var|${signature}` });
  expect(chooseMetric(metric)(segments).score).toBeCloseTo(score, 12);
});

test('a text that is one of its references matches exactly, spaces around it aside', () => {
  const segments = ['A mill. ', 'a mill.', 'A  mill.'].map((hypothesis, i) => ({
    ...{ id: String(i), hypothesis, references: ['x', '\tA mill.'] },
  }));
  expect(chooseMetric('exact-match')(segments).score).toBeCloseTo(1 / 3);
  expect(chooseMetric('exact-match', { lowercase: true })(segments).score).toBeCloseTo(2 / 3);
});

test.each([
  ['blue', undefined, 'unknown-metric', 'did you mean bleu?'],
  ['bleu', '13', 'unknown-tokenizer', 'did you mean 13a?'],
])('the metric %s with the tokenizer %s is refused before a file is read', (metric, tokenize, code, hint) => {
  const refused = expect.objectContaining({ code, hint: expect.stringContaining(hint) as string }) as Error;
  expect(() => chooseMetric(metric, { tokenize })).toThrow(refused);
});

test.each([
  ['nonsense', /^line 2 of .* is no JSON object$/],
  [{ hyp: 'a' }, /^line 2 of .* with a text or a list of texts ref$/],
  [{ hyp: 'a', ref: [] }, /^line 2 of .* with a text or a list of texts ref$/],
  [{ hyp: 3, ref: 'a' }, /^line 2 of .* with a text hyp$/],
])('a line %j is refused, with its number', async (line, message) => {
  const refused = { code: 'not-json-lines', message: expect.stringMatching(message) as string };
  await expect(readSegments(writeLines(translations[0], line))).rejects.toMatchObject(refused);
});

test('no text at all, and no file, are refused', async () => {
  expect(() => chooseMetric('bleu')([])).toThrow('there is no text to measure');
  await expect(readSegments('nowhere.jsonl')).rejects.toMatchObject({ code: 'input-unreadable' });
});

async function* asStream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

const texts = [3, 0, 9, 60].map(writeWords).map((text, i) => ({ id: String(i), text }));

test.each(['bert', 'gpt2'] as const)('a %s embeds a text as it would alone, in their order', async (type) => {
  const { directory, tokenizer } = await makeModel(type);
  const [model, codec] = [
    await loadModel(directory, { threads: 1 }),
    await openTextTokenizer(tokenizer, directory),
  ];
  const embed = (items: typeof texts, length: LengthCheck) =>
    collect(embedTexts(model, codec, asStream(items), length));
  const length = createLengthCheck('cut', 48);
  const together = await embed(texts, length);
  expect(length.describe()).toBe('1 item longer than the 48 tokens that the model reads was cut');
  expect(together.map(({ id }) => id)).toEqual(texts.map(({ id }) => id));
  for (const i of [0, 1, 2]) {
    const [{ embedding }] = await embed([texts[i]], length);
    expect(embedding.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 6);
    embedding.forEach((x, n) => expect(together[i].embedding[n]).toBeCloseTo(x, 5));
  }
  expect(await embed(texts, createLengthCheck('skip', 48))).toHaveLength(3);
  const refused = embed(texts, createLengthCheck('refuse', 48));
  await expect(refused).rejects.toMatchObject({
    code: 'text-too-long',
    message: expect.stringMatching(/^item 3/) as string,
  });
  await model.close();
});
