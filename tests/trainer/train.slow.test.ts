// Training under every optimiser, over stops, to the end.
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import {
  createOptimizer,
  createTrainingStep,
  findModelDirectory,
  openShardSource,
  resolveSettings,
} from '@gristmill/trainer';
import { makeFolder, modelOf, small } from './shards.ts';
import { index, readCurve, shards, trainSmall, type Line } from './small-run.ts';

for (const optimizer of ['adam', 'sgd', 'adafactor', 'muon']) {
  test(`a run under ${optimizer} with an average of its weights goes on to the same bits`, async () => {
    const changes = { optimizer, emaDecay: 0.9, labelSmoothing: 0.1, steps: 12, checkpointInterval: 0 };
    const [whole, stopped] = [makeFolder('whole'), makeFolder('stopped')];
    await trainSmall(whole, changes);
    await trainSmall(stopped, changes, { stopAfter: 7 });
    await trainSmall(stopped, changes);
    expect(readCurve(stopped)).toEqual(readCurve(whole));
    for (const file of ['model/model.safetensors', 'model-ema/model.safetensors'])
      expect(readFileSync(join(stopped, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
    const [last, average] = [
      await readModel(join(whole, 'model')),
      await readModel(join(whole, 'model-ema')),
    ];
    expect(average.weights.get('wte.weight')).not.toEqual(last.weights.get('wte.weight'));
  });
}

test('one batch can be learned by heart', async () => {
  const { settings, model } = resolveSettings(small, {
    dropout: 0,
    learningRate: 1e-2,
    weightDecay: 0,
    gradAccumSteps: 1,
  });
  const executor = openCpuExecutor();
  const step = await createTrainingStep({
    executor,
    model: modelOf(model),
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: 1,
    clip: settings.clip,
  });
  const source = await openShardSource({ shards, index, settings });
  const samples = await source.batch(1);
  let loss = Infinity;
  for (let n = 1; n <= 400 && loss >= 0.01; n++)
    loss = (await step.run({ step: n, updates: n - 1, learningRate: 5e-3, samples }))!.loss;
  expect(loss).toBeLessThan(0.01);
  await executor.close();
});

test('micro-batches give the gradient of the whole batch', async () => {
  const losses = await Promise.all(
    [
      [8, 1],
      [2, 4],
    ].map(async ([microBatchSize, gradAccumSteps]) => {
      const run = makeFolder('micro');
      await trainSmall(run, { microBatchSize, gradAccumSteps, dropout: 0, steps: 8 });
      return (readCurve(run) as Line[]).map(({ loss }) => loss);
    }),
  );
  losses[0].forEach((loss, i) => expect(losses[1][i]).toBeCloseTo(loss, 4));
});

test('the checkpoint of the lowest validation loss stays beside the last ones, also over a stop', async () => {
  const run = makeFolder('best');
  // The learning rate rises from step 5 on, until the model is worse than it was.
  const wild = { minLearningRate: 0.5, evalInterval: 5, checkpointInterval: 5, keepCheckpoints: 1 };
  await trainSmall(run, wild, { stopAfter: 33 });
  await trainSmall(run, wild);
  const evaluations = readFileSync(join(run, 'validation.jsonl'), 'utf8').trim().split('\n');
  const { step } = evaluations
    .map((line) => JSON.parse(line) as Line)
    .reduce((best, one) => (one.loss < best.loss ? one : best));
  expect(step).toBeLessThan(30);
  const name = `step-${String(step).padStart(8, '0')}`;
  expect(readdirSync(join(run, 'checkpoints'))).toEqual([name, 'step-00000040']);
  const { weights } = await readModel(findModelDirectory(run)); // of a finished run its model
  const last = await readModel(join(run, 'checkpoints/step-00000040'));
  expect(weights.get('wte.weight')).toEqual(last.weights.get('wte.weight'));
});

test.skipIf(!existsSync('/dev/full'))('a full disk ends a run with a code and the way to go on', async () => {
  const run = makeFolder('full');
  const fillDisk = (step: number) => {
    if (step !== 12) return;
    rmSync(join(run, 'loss.jsonl'));
    symlinkSync('/dev/full', join(run, 'loss.jsonl'));
  };
  await expect(trainSmall(run, {}, { onStep: fillDisk })).rejects.toMatchObject({ code: 'write-failed' });
  rmSync(join(run, 'loss.jsonl'));
  expect((await trainSmall(run)).finished).toBe(true);
});
