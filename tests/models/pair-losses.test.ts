// Ten AdamW steps of BERT (hidden tokens and next sentence) and of T5 (spans) have PyTorch's recorded losses.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openCpuExecutor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';
import { batchOf, learningRate, rows, steps, trainings, weightsOf } from './pair-training.ts';

const { losses } = JSON.parse(
  readFileSync(new URL('recorded/pair-losses.json', import.meta.url), 'utf8'),
) as {
  losses: Record<keyof typeof trainings, number[]>;
};

for (const name of ['bert', 't5'] as const)
  test(`ten steps of ${name} have the losses of PyTorch to a thousandth`, async () => {
    const training = trainings[name];
    const { model, objective } = training;
    const weights = weightsOf(model);
    const { settings } = resolveSettings({ microBatchSize: rows, sequenceLength: 32 });
    const executor = openCpuExecutor();
    const values = model
      .parameters()
      .map(({ name: of, shape }) => ({ name: of, shape, data: weights.get(of)! }));
    const optimizer = createOptimizer(settings);
    const step = await createTrainingStep({
      ...{ executor, model, objective, shape: settings, optimizer, seed: 1, clip: 1, values },
    });
    for (let n = 1; n <= steps; n++) {
      const result = await step.run({ step: n, updates: n - 1, learningRate, samples: batchOf(training, n) });
      expect(Math.abs(result!.loss - losses[name][n - 1]), `step ${n}`).toBeLessThan(1e-3);
    }
    expect(losses[name].at(-1)).toBeLessThan(losses[name][0] - 0.1);
    await executor.close();
  });
