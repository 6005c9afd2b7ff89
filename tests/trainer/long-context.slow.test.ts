// A step at GPT-4's 32K: compiled and planned, not run. Scores are never kept, so memory grows with the length, not with
// its square.
import { expect, test } from 'vitest';
import { changeModelConfig, createModel, readModelConfig } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';

const small = readModelConfig(
  {
    ...{
      model_type: 'llama',
      vocab_size: 300,
      hidden_size: 128,
      num_hidden_layers: 4,
      num_attention_heads: 4,
    },
    ...{ intermediate_size: 344, max_position_embeddings: 1024 },
  },
  'a small LLaMA',
);

/** Bytes by part of a step of one sequence, the model's 1,024 positions stretched by YaRN. */
async function planStep(length: number, remat?: 'block') {
  const executor = openCpuExecutor({ threads: 1 });
  const { settings } = resolveSettings({ microBatchSize: 1, gradAccumSteps: 1, sequenceLength: length });
  const shape = { ...settings, ...(remat ? { remat } : {}) };
  const model = createModel(changeModelConfig(small, { yarnFactor: length / 1024 }));
  const optimizer = createOptimizer(settings);
  const { memory } = await createTrainingStep({ executor, model, shape, optimizer, seed: 1, clip: 1 });
  await executor.close();
  return memory;
}

test('a step of 32,768 tokens is compiled, and its memory grows with the length alone', async () => {
  const [shorter, whole, again] = [
    await planStep(8192),
    await planStep(32_768),
    await planStep(32_768, 'block'),
  ];
  for (const [title, { working, total }] of Object.entries({
    '8,192': shorter,
    '32,768': whole,
    'blocks again': again,
  }))
    process.stdout.write(
      `${title}: ${Math.round(working / 1e6)} MB of work, ${Math.round(total / 1e6)} MB in all\n`,
    );
  expect(whole.working / shorter.working).toBeLessThan(4.2);
  expect(again.working / whole.working).toBeLessThan(0.5);
  expect(whole.total).toBeLessThan(2 ** 31);
});
