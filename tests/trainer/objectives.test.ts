// Objectives as settings of a run: what goes together, what is refused in a sentence, and what a row is of.
import { expect, test } from 'vitest';
import {
  buildLogitsProgram,
  createModel,
  initialise,
  openModel,
  readModelConfig,
  writeModel,
} from '@gristmill/models';
import { openTokens } from '@gristmill/shards';
import { openCpuExecutor, type Tensor } from '@gristmill/tensor';
import { createDecoder, generateTokens, loadModel, openShardSource, prepareRun } from '@gristmill/trainer';
import { makeFolder } from './shards.ts';
import { configs, request, shards } from './small-objectives.ts';

test('lineage names the documents of a row as long as the objective takes it', async () => {
  const { settings, objective, description } = await prepareRun(request('t5', {}));
  const { index } = await openTokens(shards);
  const source = await openShardSource({ shards, index, settings, objective });
  const documents = await source.documents(1);
  const { encoderTokens, targets } = await source.batch(1);
  expect(documents.length).toBeGreaterThan(4);
  expect(description.loader.sequenceLength).toBe(objective.sampleLength);
  expect(encoderTokens.length).toBe(4 * objective.shape(1).further!.encoderTokens!.shape[0]);
  expect(targets.length).toBe(4 * objective.shape(1).length);
  await source.close();
});

test('masked rows grow with a length ramp, each so many times the shortest', async () => {
  const asked = request('bert', { nextSentence: true, lengthRamp: '{"1":16,"3":32}' });
  const { settings, objective, description, model } = await prepareRun(asked);
  expect(description.loader.ramp?.map(({ sequenceLength }) => sequenceLength)).toEqual([13, 26]);
  const { index } = await openTokens(shards);
  const source = await openShardSource({ shards, index, settings, objective });
  const { classify, pad } = model.specialTokens!;
  for (const [step, length, padding] of [
    [2, 16, 0],
    [3, 32, 3],
  ]) {
    const { tokens, segments } = await source.batch(step);
    expect(tokens).toHaveLength(4 * length);
    for (let row = 0; row < 4; row++) {
      const whole = [...tokens.subarray(row * length, (row + 1) * length)];
      expect(whole[0]).toBe(classify);
      expect(whole.slice(length - padding).every((token) => token === pad)).toBe(true);
      const seen = [...segments.subarray(row * length, (row + 1) * length)].filter((number) => number >= 0);
      expect(seen).toHaveLength(length - padding);
    }
  }
  await source.close();
});

for (const [model, settings, message] of [
  ['gpt2', { objective: 'masked' }, /a gpt2 is a decoder, which objective masked does not train/],
  ['bert', { objective: 'next-token' }, /a bert is an encoder, which objective next-token/],
  ['t5', { objective: 'pairs' }, /these shards have no loss masks/],
  ['roberta', { nextSentence: true }, /has no head that tells whether a sentence follows/],
  ['bert', { nextSentence: true, documentMask: true }, /exclude each other/],
  ['gpt2', { nextSentence: true }, /nextSentence is no setting of objective next-token/],
  ['bare', { sequenceLength: 16 }, /hidden states alone/],
  ['t5', { lengthRamp: '{"1":16}' }, /lengthRamp is for objectives next-token and masked/],
  ['bert', { sequenceLength: 30, lengthRamp: '{"1":10,"2":15}' }, /cannot have 15 beside 10/],
  ['t5', { sequenceLength: 4000 }, /more than the 100 tokens that stand for them/],
] as const)
  test(`a ${model} with ${JSON.stringify(settings)} is refused in a sentence`, async () => {
    await expect(prepareRun(request(model, settings))).rejects.toThrow(message);
  });

test('a model takes the tokens of a tokenizer by their names, and puts others past its vocabulary', async () => {
  const { index } = await openTokens(shards);
  const { model } = await prepareRun(request('t5', {}));
  expect(model.vocabSize).toBe(index.vocabSize + 101);
  expect(model.specialTokens).toMatchObject({ pad: index.vocabSize, firstSentinel: index.vocabSize + 100 });
});

test('the prompt of a prefix language model sees itself whole, with a cache as without', async () => {
  const model = createModel(
    readModelConfig(
      { ...configs.gpt2, n_layer: 2, vocab_size: 40, eos_token_id: 0, initializer_range: 0.4 },
      'a small model',
    ),
  );
  const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 1)]));
  const executor = openCpuExecutor({ threads: 1 });
  const parameters: Record<string, Tensor> = {};
  for (const { name, shape } of model.parameters())
    parameters[name] = await executor.upload({ shape, dtype: 'f32' }, weights.get(name)!);
  const prompt = [3, 14, 15, 9, 26, 5, 35, 8, 9];
  /** Logits after the last of these tokens, without a cache. */
  const computeWhole = async (tokens: readonly number[], prefix: number) => {
    const further = { prefix: { shape: [], dtype: 'i32' } } as const;
    const program = buildLogitsProgram(model, { batch: 1, length: tokens.length, further });
    const inputs: Record<string, Tensor> = { ...parameters };
    for (const { name, value } of program.inputs)
      if (name === 'tokens' || name === 'prefix')
        inputs[name] = await executor.upload(value, name === 'tokens' ? tokens : [prefix]);
    const { logits } = await executor.run(await executor.compile(program), inputs);
    return [...(await executor.download(logits))].slice(-40);
  };
  const decoder = await createDecoder({ executor, model, parameters, seesPrompt: true });
  const expectSame = async (tokens: readonly number[], prefix: number) => {
    const [cached, whole] = [await decoder.next(tokens, prefix), await computeWhole(tokens, prefix)];
    whole.forEach((logit, i) => expect(cached[i]).toBeCloseTo(logit, 4));
  };
  await expectSame(prompt, 9);
  await expectSame([...prompt, 7], 9);
  await expectSame([...prompt, 7, 31], 9);
  await expectSame([...prompt.slice(4), 7, 31, 2], 5); // the context was cut
  await expectSame([7, 31, 2, 4], 0);
  const [blind, seeing] = [await computeWhole(prompt, 0), await computeWhole(prompt, 9)];
  expect(Math.max(...blind.map((logit, i) => Math.abs(logit - seeing[i])))).toBeGreaterThan(0.01);
  decoder.close();
  await executor.close();

  const directory = makeFolder('prefix');
  await writeModel(directory, { model, seesPrompt: true }, weights);
  expect((await openModel(directory)).seesPrompt).toBe(true);
  const loaded = await loadModel(directory);
  const options = { temperature: 0, topK: 0, topP: 1, seed: 1, maxTokens: 1 };
  const { value } = await generateTokens(loaded, prompt, options).next();
  expect(value).toBe(seeing.indexOf(Math.max(...seeing)));
  await loaded.close();
});
