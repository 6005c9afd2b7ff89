// What transformers and PyTorch computed once, kept with the scripts that recorded it (recorded/): numbers of parameters
// of every published decoder, and ten losses of training a small one of each family.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countParameters, createModel, readModelConfig, type LanguageModel } from '@gristmill/models';
import { openCpuExecutor, sizeOf, type CpuExecutor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';
import { publishedDecoders } from './recorded/published-decoders.ts';
import { tokensOf, trainedDecoders, training } from './recorded/training-cases.ts';

const readRecorded = (file: string) =>
  JSON.parse(readFileSync(new URL(`./recorded/${file}`, import.meta.url), 'utf8')) as Record<string, unknown>;
const { counts } = readRecorded('parameter-counts.json');
const losses = readRecorded('losses.json').losses as Record<string, number[]>;

const decoders = publishedDecoders();

const countHead = (model: LanguageModel) =>
  model
    .parameters()
    .filter(({ name }) => name === 'lm_head.weight')
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);

test('every preset of a decoder has the parameters that transformers counts, bare and with its head', () => {
  const ours = Object.entries(decoders).map(([name, model]) => {
    const withHead = countParameters(model);
    return [name, { bare: withHead - countHead(model), withHead }];
  });
  expect(Object.fromEntries(ours)).toEqual(counts);
});

let executor: CpuExecutor;
beforeAll(() => void (executor = openCpuExecutor({ threads: 1 })));
afterAll(() => executor.close());

/** As record-losses.py has it. */
function firstWeights(number: number, name: string, shape: readonly number[]): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    let state = ((i + 1) * 48_271 + (number + 1) * 69_621) % 2_147_483_647;
    for (let round = 0; round < 2; round++) state = (state * 16_807) % 2_147_483_647;
    const even = (state / 2_147_483_647) * 2 - 1;
    if (shape.length > 1) return 0.15 * even;
    return name.endsWith('weight') ? 1 + 0.1 * even : 0.1 * even;
  });
}

test.each(Object.keys(trainedDecoders))('ten steps of %s have the losses that PyTorch has', async (name) => {
  const { modelType, json } = trainedDecoders[name];
  const model = createModel(readModelConfig({ model_type: modelType, ...json }, name));
  const order = model
    .parameters()
    .map((spec) => model.savedName(spec.name))
    .sort();
  const values = model.parameters().map(({ name: own, shape }) => {
    const saved = model.savedName(own);
    return { name: own, shape, data: firstWeights(order.indexOf(saved), saved, shape) };
  });
  const { steps, rows, length, learningRate, ...optimizer } = training;
  const shape = { microBatchSize: rows, gradAccumSteps: 1, sequenceLength: length };
  const { settings } = resolveSettings({ ...optimizer, ...shape });
  const step = await createTrainingStep({
    ...{
      executor,
      model,
      shape: settings,
      optimizer: createOptimizer(settings),
      seed: 1,
      clip: optimizer.clip,
    },
    values,
  });
  const recorded = losses[name];
  expect(recorded).toHaveLength(steps);
  for (let n = 0; n < steps; n++) {
    const batch = tokensOf(n);
    const samples = {
      tokens: Int32Array.from(batch.flatMap((row) => row.slice(0, -1))),
      targets: Int32Array.from(batch.flatMap((row) => row.slice(1))),
    };
    const result = await step.run({ step: n + 1, updates: n, learningRate, samples });
    expect(Math.abs(result!.loss - recorded[n]), `step ${n + 1}`).toBeLessThan(1e-3);
  }
});
