// Two threads on one micro-batch: nanoGPT's CPU configuration, whole steps. Needs a quiet machine of two cores, and says so
// where it has none.
import { availableParallelism, loadavg } from 'node:os';
import { expect, test } from 'vitest';
import { createModel, presets, type ModelConfig } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';

const [load] = loadavg();
const reason =
  availableParallelism() < 2
    ? 'one core'
    : load > 2
      ? `a load of ${load.toFixed(1)} leaves no two cores free`
      : undefined;

async function createSteps(threads: number) {
  const preset = presets['nanogpt-char-cpu'];
  const { settings } = resolveSettings({ ...preset.training, gradAccumSteps: 1 });
  const executor = openCpuExecutor({ threads });
  const step = await createTrainingStep({
    executor,
    model: createModel({ ...preset.model, vocabSize: 65, eosTokenId: 0 } as ModelConfig),
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: 1,
    clip: settings.clip,
  });
  const draw = () => Int32Array.from({ length: 12 * 64 }, () => Math.floor(Math.random() * 65));
  let n = 0;
  const run = async (steps: number) => {
    for (let i = 0; i < steps; i++) {
      const samples = { tokens: draw(), targets: draw() };
      await step.run({ step: ++n, updates: n - 1, learningRate: 1e-3, samples });
    }
  };
  await run(20); // until V8 has optimised the kernels
  const time = async () => {
    const start = performance.now();
    await run(20);
    return performance.now() - start;
  };
  return { time, close: () => executor.close() };
}

test.skipIf(reason)(
  `two threads do a step at least 1.6 times as fast as one${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const [one, two] = [await createSteps(1), await createSteps(2)];
    const ratios: number[] = [];
    for (let round = 0; round < 5; round++) ratios.push((await one.time()) / (await two.time()));
    await Promise.all([one.close(), two.close()]);
    expect(Math.max(...ratios), `ratios ${ratios.join(', ')}`).toBeGreaterThan(1.6);
  },
  120_000,
);
