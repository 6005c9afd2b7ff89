import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import { openDiskStore } from '@gristmill/storage';
import {
  createOptimizer,
  createTrainingStep,
  findModelDirectory,
  openShardSource,
  resolveSettings,
} from '@gristmill/trainer';
import { makeFolder, modelOf, small, vocabSize } from './shards.ts';
import { index, readCurve, shards, trainSmall, weightsOf, type Line } from './small-run.ts';

test('a run learns, logs every step and writes a model', async () => {
  const run = makeFolder('run');
  const report = await trainSmall(run);
  const curve = readCurve(run) as Line[];
  expect(curve.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(curve[0].loss).toBeGreaterThan(Math.log(vocabSize) - 0.2);
  expect(curve[39].loss).toBeLessThan(2.4);
  expect(report.validationLoss).toBeLessThan(2.4);
  expect(readdirSync(join(run, 'checkpoints'))).toEqual(['step-00000030', 'step-00000040']);
  expect((await readModel(join(run, 'model'))).model.toJson()).toMatchObject({ n_embd: 32 });
});

test('a line of the log has the fields that other programs rely on, and no others', async () => {
  const run = makeFolder('run');
  await trainSmall(run, { steps: 1 });
  const line = JSON.parse(readFileSync(join(run, 'loss.jsonl'), 'utf8')) as object;
  expect(Object.keys(line)).toEqual([
    'step',
    'loss',
    'learningRate',
    'gradNorm',
    'tokens',
    'tokensPerSecond',
    'inputWaitMs',
  ]);
});

for (const optimizer of ['adamw', 'muon']) {
  test(`losses and weights under ${optimizer} are the same bits for 1, 2 and 3 threads`, async () => {
    const runs = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const run = makeFolder(`threads-${threads}`);
        await trainSmall(run, { optimizer, steps: 12, gradAccumSteps: 3 }, { threads });
        return run;
      }),
    );
    for (const run of runs.slice(1)) {
      expect(readCurve(run)).toEqual(readCurve(runs[0]));
      expect(weightsOf(run).equals(weightsOf(runs[0]))).toBe(true);
    }
  });
}

test('a run that was stopped goes on to the same bits, also after losing lines or a half-written checkpoint', async () => {
  const whole = makeFolder('whole');
  await trainSmall(whole);
  const stopped = makeFolder('stopped');
  await trainSmall(stopped, {}, { stopAfter: 17 });
  expect((readCurve(stopped) as Line[]).at(-1)!.step).toBe(17);
  await trainSmall(stopped, {}, { stopAfter: 20 }); // before the evaluation that is due there
  await trainSmall(stopped, {}, { stopAfter: 23 });
  // As if killed while step 24 was logged and its checkpoint written: a cut line, a folder without state.json.
  writeFileSync(join(stopped, 'loss.jsonl'), '{"step":24,"lo', { flag: 'a' });
  await openDiskStore({ root: stopped }).replace('checkpoints/step-00000024/model.safetensors', 'half');
  await trainSmall(stopped);
  expect(readCurve(stopped)).toEqual(readCurve(whole));
  expect(weightsOf(stopped).equals(weightsOf(whole))).toBe(true);
  const validation = (run: string) => readFileSync(join(run, 'validation.jsonl'), 'utf8');
  expect(validation(stopped)).toBe(validation(whole));
});

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

test('a checkpoint is a model directory', async () => {
  const run = makeFolder('checkpoint');
  await trainSmall(run, { steps: 10 });
  const { weights } = await readModel(join(run, 'checkpoints/step-00000010'));
  expect(weights.get('wte.weight')).toEqual((await readModel(join(run, 'model'))).weights.get('wte.weight'));
  expect(existsSync(join(run, 'checkpoints/step-00000010/generation_config.json'))).toBe(true);
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
