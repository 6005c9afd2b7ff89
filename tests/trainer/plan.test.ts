// What --dry-run promises, against what a run then takes.
import { expect, test } from 'vitest';
import { countParameters } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import { createOptimizer, openShardSource, resolveSettings, train } from '@gristmill/trainer';
import { openDiskStore } from '@gristmill/storage';
import { compileTrainingStep } from '../../apps/trainer/src/compiled-step.ts';
import { countStepFlops } from '../../apps/trainer/src/watch/utilization.ts';
import { makeFolder, modelOf, small } from './shards.ts';
import { index, shards } from './small-run.ts';

const shape = { nPositions: 128, nLayer: 3, nHead: 4, nEmbd: 128, sequenceLength: 128, microBatchSize: 4 };

test('a run takes the memory that its plan says, to 5 %', async () => {
  const { settings, model } = resolveSettings(small, shape, {
    steps: 1,
    gradAccumSteps: 2,
    evalInterval: 1,
    evalTokens: 512,
  });
  const language = modelOf(model);
  const source = await openShardSource({ shards, index, settings });
  const planner = openCpuExecutor({ threads: 2 });
  const optimizer = createOptimizer(settings);
  const { memory } = await compileTrainingStep({
    executor: planner,
    model: language,
    shape: settings,
    optimizer,
  });
  await planner.close();
  const executor = openCpuExecutor({ threads: 2 });
  const run = openDiskStore({ root: makeFolder('memory') });
  await train({ executor, model: language, settings, source, run, onGradients: () => {} });
  const { peakBytes } = executor.memory();
  await executor.close();
  expect(peakBytes / memory.total).toBeGreaterThan(0.95);
  expect(peakBytes / memory.total).toBeLessThan(1.05);
});

test('FLOPs of a step are 6 a parameter of the matrices and token, and 12 a layer, position and width for attention', () => {
  const { settings, model } = resolveSettings(small, shape);
  const language = modelOf(model);
  const flops = countStepFlops(language, createOptimizer(settings), settings);
  const tokens = settings.microBatchSize * settings.gradAccumSteps * settings.sequenceLength;
  const positions = language.parameters().find(({ shape: [rows] }) => rows === 128)!;
  const matrices = countParameters(language) - positions.shape[0] * positions.shape[1];
  const expected = tokens * (6 * matrices + 12 * shape.nLayer * shape.sequenceLength * shape.nEmbd);
  // What is no product of matrices comes on top: norms, GELU, dropout, softmax, the update.
  expect(flops / expected).toBeGreaterThan(1);
  expect(flops / expected).toBeLessThan(1.15);
  // What is computed twice for memory's sake is no use made of the machine.
  expect(countStepFlops(language, createOptimizer(settings), { ...settings, remat: 'block' })).toBe(flops);
});
