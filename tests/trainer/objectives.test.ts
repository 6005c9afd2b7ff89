// Objectives as settings of a run: what goes together, what is refused in a sentence, and what a row is of.
import { expect, test } from 'vitest';
import { openTokens } from '@gristmill/shards';
import { openShardSource, prepareRun } from '@gristmill/trainer';
import { request, shards } from './small-objectives.ts';

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

for (const [model, settings, message] of [
  ['gpt2', { objective: 'masked' }, /a gpt2 is a decoder, which objective masked does not train/],
  ['bert', { objective: 'next-token' }, /a bert is an encoder, which objective next-token/],
  ['t5', { objective: 'pairs' }, /these shards have no loss masks/],
  ['roberta', { nextSentence: true }, /has no head that tells whether a sentence follows/],
  ['bert', { nextSentence: true, documentMask: true }, /exclude each other/],
  ['gpt2', { nextSentence: true }, /nextSentence is no setting of objective next-token/],
  ['bare', { sequenceLength: 16 }, /hidden states alone/],
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
