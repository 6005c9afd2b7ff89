// A run that cannot be fooled: losses that are no numbers, tokens beyond the vocabulary, damaged checkpoints, full disks.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeStep } from '@gristmill/trainer';
import { checkpointsOf, linesOf, spoilStep } from './faults.ts';
import { makeFolder } from './shards.ts';
import { trainSmall, weightsOf } from './small-run.ts';

test('a loss that is no number ends the run, names the documents of its batch, and keeps what was good', async () => {
  const run = makeFolder('nan');
  const ends = trainSmall(run, {}, { executor: spoilStep(17) });
  await expect(ends).rejects.toMatchObject({
    code: 'loss-not-finite',
    message: expect.stringMatching(/^step 17 has a loss of NaN/) as string,
    hint: expect.stringMatching(/documents [0-9a-f]{32}, /) as string,
  });
  expect(checkpointsOf(run)).toEqual(['step-00000010']);
  expect(linesOf(run, 'loss.jsonl')).toHaveLength(16);
  const whole = makeFolder('whole');
  await trainSmall(whole);
  await trainSmall(run); // goes on from step 10
  expect(weightsOf(run).equals(weightsOf(whole))).toBe(true);
});

test('a spike is a loss six deviations above the last 128, after the first 512 steps', () => {
  const before = Array.from({ length: 200 }, (_, i) => 2 + (i % 2 ? 0.1 : -0.1)); // deviation .1
  const settings = { nonFinite: 'stop', spike: 'skip' } as const;
  const judge = (loss: number, step = 600, losses = before) =>
    judgeStep({ loss, gradNorm: 1 }, { step, before: losses }, settings);
  expect(judge(2.59)).toBeUndefined();
  expect(judge(2.61)).toMatchObject({ trouble: 'spike', action: 'skip' });
  expect(judge(0)).toBeUndefined();
  expect(judge(2.61, 512)).toBeUndefined();
  expect(judge(2.61, 600, before.slice(0, 127))).toBeUndefined();
  expect(judge(Infinity, 1, [])).toMatchObject({ trouble: 'not finite', action: 'stop' });
  expect(judgeStep({ loss: 1, gradNorm: NaN }, { step: 1, before: [] }, settings)).toBeDefined();
});

test('a token beyond the vocabulary is an error with the documents of its batch', async () => {
  const run = makeFolder('beyond');
  const batch = async (
    source: { batch(step: number): Promise<{ tokens: Int32Array; targets: Int32Array }> },
    step: number,
  ) => {
    const samples = await source.batch(step);
    if (step === 3) samples.tokens[5] = 28;
    return samples;
  };
  await expect(trainSmall(run, {}, { batch })).rejects.toMatchObject({
    code: 'token-beyond-vocabulary',
    message: 'step 3 has a token 28, and the model a vocabulary of 28',
    hint: expect.stringMatching(/[0-9a-f]{32}/) as string,
  });
});

test('a run of which every checkpoint is damaged is refused', async () => {
  const run = makeFolder('damaged');
  await trainSmall(run, { steps: 10 });
  writeFileSync(join(run, 'checkpoints/step-00000010/model.safetensors'), 'nothing');
  await expect(trainSmall(run)).rejects.toMatchObject({ code: 'checkpoint-damaged' });
});
