// What is measured of a model, and of texts that it wrote.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  chooseMetric,
  createLengthCheck,
  embedTexts,
  evaluateTask,
  evaluateWriting,
  findInterval,
  loadModel,
  measureMacroF1,
  openTask,
  openTextTokenizer,
  readSegments,
  scoreRequests,
  type LengthCheck,
  writeText,
  type TaskOptions,
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

const models = {
  gpt2: await openSmall('gpt2'),
  bert: await openSmall('bert'),
};

async function openSmall(type: 'gpt2' | 'bert') {
  const { directory, tokenizer } = await makeModel(type);
  const codec = await openTextTokenizer(tokenizer, directory);
  return { model: await loadModel(directory, { threads: 1 }), codec };
}

test.each(['bert', 'gpt2'] as const)('a %s embeds a text as it would alone, in their order', async (type) => {
  const { model, codec } = models[type];
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
});

const { model, codec } = models.gpt2;
const fits = () => createLengthCheck('cut', 48);

async function evaluate(task: string, data: string, options: Partial<TaskOptions> = {}, shots = 0) {
  const opened = await openTask({ task, data, shots });
  return evaluateTask(model, codec, opened, { length: fits(), ...options });
}

const choices = Array.from({ length: 12 }, (_, i) => ({
  ...{ id: `q${i}`, question: writeWords(5), answer: i % 3 },
  choices: [1, 3, 6].map(writeWords),
}));

test('a choice is the likeliest candidate as it is, by its bytes and by its tokens', async () => {
  const { result, judged } = await evaluate('choice', writeLines(...choices));
  const [{ question, choices: candidates, answer }] = choices;
  const scored = await scoreRequests(
    model,
    codec,
    candidates.map((text) => ({ id: 'x', prompt: question, continuation: ` ${text}` })),
    fits(),
  );
  judged[0].logLikelihoods.forEach((value, i) => expect(value).toBeCloseTo(scored[i]!.logLikelihood, 5));
  const best = (values: number[]) => values.indexOf(Math.max(...values));
  const values = scored.map((one) => one!.logLikelihood);
  expect(judged[0]).toMatchObject({
    gold: answer,
    predicted: best(values),
    predictedPerByte: best(values.map((value, i) => value / Buffer.byteLength(candidates[i]))),
    predictedPerToken: best(values.map((value, i) => value / scored[i]!.tokens)),
    bytes: Buffer.byteLength(candidates[answer]),
  });
  const share = (name: 'predicted' | 'predictedPerByte') =>
    judged.filter((item) => item[name] === item.gold).length / 12;
  expect(result).toMatchObject({ task: 'choice', items: 12, excluded: 0, tooLong: 0, shots: 0 });
  expect(result.accuracy).toBe(share('predicted'));
  expect(result.accuracyPerByte).toBe(share('predictedPerByte'));
  const [low, high] = result.intervals.accuracy!;
  expect(low).toBeLessThanOrEqual(result.accuracy);
  expect(high).toBeGreaterThanOrEqual(result.accuracy);
});

test('examples stand before the prompt, and an item is none of its own', async () => {
  const lines = choices.slice(0, 4).map((item) => ({ ...item, choices: ['rye', 'corn', 'grist'] }));
  const { judged } = await evaluate('choice', writeLines(...lines), {}, 2);
  const shown = ({ question, choices: all, answer }: (typeof lines)[0]) => `${question} ${all[answer]}\n\n`;
  const before = [[1, 2], [0, 2], [0, 1], [0, 1]]; // prettier-ignore
  const written = lines.map(({ question, ...item }, i) => ({
    ...item,
    question: before[i].map((n) => shown(lines[n])).join('') + question,
  }));
  const expected = await evaluate('choice', writeLines(...written));
  expect(judged.map(({ logLikelihoods }) => logLikelihoods)).toEqual(
    expected.judged.map(({ logLikelihoods }) => logLikelihoods),
  );
  expect(expected.result.tooLong).toBeGreaterThan(0); // 48 positions: what does not fit is counted
  await expect(evaluate('choice', writeLines(...lines), {}, 4)).rejects.toMatchObject({
    code: 'too-few-examples',
  });
});

test('last words, minimal pairs and classes are judged by likelihood too', async () => {
  const text = `${writeWords(6)} rye`;
  const last = await evaluate('lambada', writeLines({ text }, { context: writeWords(3), target: 'corn' }));
  expect(last.judged[0]).toMatchObject({ id: '1', bytes: 3 });
  expect(last.result.wordPerplexity).toBeCloseTo(
    Math.exp((last.judged[0].loss + last.judged[1].loss) / 2),
    8,
  );
  const pair = { sentence_good: text, sentence_bad: text };
  const pairs = await evaluate('blimp', writeLines({ ...pair, sentence_bad: `${text} of the corn` }, pair));
  expect(pairs.judged.map(({ predicted }) => predicted)).toEqual([0, 0]);
  const labelled = ['rye', 'corn', 'rye', 'rye'].map((label) => ({ text: writeWords(4), label }));
  const classes = await evaluate('classify', writeLines(...labelled));
  expect(classes.judged.map(({ gold }) => gold)).toEqual([1, 0, 1, 1]);
  expect(classes.result.macroF1).toBe(measureMacroF1(classes.judged));
});

test('items that a run was trained on are left out and counted, or told apart', async () => {
  const data = writeLines(...choices.slice(0, 6));
  const isSeen = (texts: readonly string[]) =>
    texts.includes(choices[1].question) || texts.includes(choices[4].question);
  const findSteps = (texts: readonly string[]) => (isSeen(texts) ? [3, 9] : []);
  const rest = await evaluate('choice', data, { findSteps });
  expect(rest.result).toMatchObject({ items: 4, excluded: 2 });
  expect(rest.judged.map(({ id }) => id)).toEqual(['q0', 'q2', 'q3', 'q5']);
  const { result, judged } = await evaluate('choice', data, { findSteps, keepSeen: true });
  expect(result).toMatchObject({ items: 6, excluded: 0, contaminated: { items: 2 } });
  expect(judged.map(({ trainedSteps }) => trainedSteps)).toEqual([[], [3, 9], [], [], [3, 9], []]);
  const all = evaluate('choice', data, { findSteps: () => [1] });
  await expect(all).rejects.toMatchObject({ message: 'the run was trained on every item' });
});

test('a task file names its data by a digest, its prompt and its fields', async () => {
  const data = writeLines({ ctx: 'rye of', endings: ['corn', 'the wheel'], label: '1' });
  const sha256 = createHash('sha256').update(readFileSync(data)).digest('hex');
  const file = join(makeFolder('task'), 'task.json');
  const write = (changes: object) =>
    writeFileSync(
      file,
      JSON.stringify({
        ...{ name: 'endings', type: 'choice', data, sha256, prompt: 'Now: {ctx}' },
        ...{ fields: { choices: 'endings', answer: 'label' }, ...changes },
      }),
    );
  write({});
  const { result, judged } = await evaluate(file, data);
  expect(result).toMatchObject({ task: 'endings', type: 'choice', data: { file: data, sha256 } });
  expect(judged[0].gold).toBe(1);
  for (const [changes, code, message] of [
    [{ sha256: 'f'.repeat(64) }, 'data-changed', /has the SHA-256 .* and the task names f/],
    [{ shot: 3 }, 'wrong-task-file', /has a field shot, which no task has; did you mean shots\?/],
    [{ shots: -1 }, 'wrong-task-file', /shots that is no integer of at least 0$/],
    [{ type: 'choose' }, 'unknown-task', /there is no task choose/],
    [{ data: 'nowhere.jsonl' }, 'input-unreadable', /nowhere.jsonl cannot be read/],
  ] as const) {
    write(changes);
    const refused = { code, message: expect.stringMatching(message) as string };
    await expect(openTask({ task: file })).rejects.toMatchObject(refused);
  }
});

test.each([
  ['choice', { question: 'a', choices: ['b'], answer: 0 }, 'a list of at least two choices'],
  [
    'choice',
    { question: 'a', choices: ['b', 'c'], answer: 2 },
    'an answer that is one of its choices, or its number from 0',
  ],
  ['lambada', { text: 'word' }, 'a text of at least two words'],
  ['blimp', { sentence_good: 'a' }, 'a text sentence_bad'],
  ['classify', { text: 'a' }, 'a label'],
])('an item of %s that is %j is refused with what it lacks', async (task, item, lacks) => {
  const refused = {
    code: 'not-json-lines',
    message: expect.stringMatching(new RegExp(`line 1 of .* with ${lacks}$`)) as string,
  };
  await expect(evaluate(task, writeLines(item))).rejects.toMatchObject(refused);
});

test('macro-F1 is the mean over classes, and an interval comes from its seed', () => {
  const items = [[0, 0], [0, 1], [1, 1], [1, 1], [2, 0]].map(([gold, predicted]) => ({ gold, predicted })); // prettier-ignore
  expect(measureMacroF1(items)).toBeCloseTo((1 / 2 + 4 / 5 + 0) / 3, 12);
  const random = createRandom(3);
  const tosses = Array.from({ length: 400 }, () => (random() < 0.3 ? 1 : 0));
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const interval = findInterval(tosses, mean)!;
  expect(findInterval(tosses, mean)).toEqual(interval);
  expect(findInterval(tosses, mean, { seed: 5 })).not.toEqual(interval);
  const deviation = Math.sqrt((mean(tosses) * (1 - mean(tosses))) / 400);
  interval.forEach((end, i) => expect((end - mean(tosses)) / deviation).toBeCloseTo([-1.96, 1.96][i], 0));
  expect(findInterval(tosses.slice(0, 1), mean)).toBeUndefined();
});

test('what a model writes after its prompts is compared with what is right', async () => {
  const prompts = [4, 7].map(writeWords);
  const likeliest = { temperature: 0, topK: 0, topP: 1, seed: 0, maxTokens: 8, stops: ['\n'] };
  const write = async (prompt: string) =>
    (await collect(writeText(model, codec, codec.encode(prompt), likeliest))).join('').trim();
  const answers = await Promise.all(prompts.map(write));
  const data = writeLines(
    { prompt: prompts[0], ref: [answers[0], 'x'] },
    { source: prompts[1], target: 'nothing' },
  );
  const options = { length: fits(), maxTokens: 8, resamples: 50 };
  const { result, written } = await evaluateWriting(model, codec, { task: 'exact-match', data }, options);
  expect(written.map(({ hypothesis }) => hypothesis)).toEqual(answers);
  expect(result).toMatchObject({ task: 'exact-match', items: 2, score: 0.5, excluded: 0, tooLong: 0 });
  expect(result.intervals.score).toEqual([0, 1]);
  const seen = (texts: readonly string[]) => (texts.includes('nothing') ? [2] : []);
  const rest = await evaluateWriting(model, codec, { task: 'chrf', data }, { ...options, findSteps: seen });
  expect(rest.result).toMatchObject({ items: 1, excluded: 1, score: 100 });
  const wrong = evaluateWriting(model, codec, { task: 'bleu', data: writeLines({ prompt: 'a' }) }, options);
  await expect(wrong).rejects.toMatchObject({ code: 'not-json-lines' });
});
