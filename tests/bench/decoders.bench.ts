// Training of every family of decoders at one size (4 blocks, 128 wide, 4 heads, feed-forward of about that size, T = 256,
// B = 8, V = 512): tokens per CPU second of each, so that none is slow for want of a kernel. `--only NAME` for one.

import { countParameters, createModel, readModelConfig } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';

const [width, blocks, heads, length, batch, vocabSize] = [128, 4, 4, 256, 8, 512];
const still = { resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 };
const gpt = {
  vocab_size: vocabSize,
  n_embd: width,
  n_layer: blocks,
  n_head: heads,
  n_positions: length,
  ...still,
};
const wide = {
  ...{ vocab_size: vocabSize, hidden_size: width, num_hidden_layers: blocks, num_attention_heads: heads },
  ...{ intermediate_size: 344, max_position_embeddings: length },
};
const families: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'gpt-2': { model_type: 'gpt2', ...gpt },
  'gpt-1': { model_type: 'openai-gpt', ...gpt },
  'gpt-3 in a window of 64': { model_type: 'gpt3', window_size: 64, ...gpt },
  llama: { model_type: 'llama', ...wide },
  'llama with 2 key heads': { model_type: 'llama', num_key_value_heads: 2, ...wide },
  'mistral in a window of 64': { model_type: 'mistral', num_key_value_heads: 4, sliding_window: 64, ...wide },
  bloom: { model_type: 'bloom', hidden_size: width, n_layer: blocks, n_head: heads, vocab_size: vocabSize },
  nanochat: { model_type: 'nanochat', ...wide, intermediate_size: 512 },
};

export async function bench({ threads, extra }: BenchOptions): Promise<BenchReport> {
  const names = Object.keys(families).filter((name) => extra.only === undefined || name === extra.only);
  const steps = Number(extra.steps ?? 3);
  const results = [];
  for (const name of names) results.push(await measure(name, steps, threads));
  const [{ cpuSeconds, tokensPerCpuSecond }] = results;
  const documentsPerSecond = (steps * batch) / cpuSeconds;
  return {
    ...{ name: 'decoders', input: 'seeded tokens', documents: steps * batch, threads },
    ...{
      megabytes: (steps * batch * length) / 1e6,
      mbPerSecond: tokensPerCpuSecond / 1e6,
      documentsPerSecond,
    },
    ...{ cpuSeconds, tokensPerCpuSecond, peakMemoryMb: peakMemoryMb(), families: results, peers: [] },
  };
}

async function measure(family: string, steps: number, threads: number) {
  const model = createModel(readModelConfig(families[family], family));
  const shape = { microBatchSize: batch, gradAccumSteps: 1, sequenceLength: length };
  const { settings } = resolveSettings(shape);
  const executor = openCpuExecutor({ threads });
  const step = await createTrainingStep({
    ...{
      executor,
      model,
      shape: settings,
      optimizer: createOptimizer(settings),
      seed: 1,
      clip: settings.clip,
    },
  });
  const draw = (by: number) =>
    Int32Array.from({ length: batch * length }, (_, i) => (i * i * 7 + i * by) % vocabSize);
  const samples = { tokens: draw(1), targets: draw(3) };
  let n = 0;
  const train = async (count: number) => {
    for (let i = 0; i < count; i++)
      await step.run({ step: ++n, updates: n - 1, learningRate: 1e-3, samples });
  };
  await train(2);
  const { cpuSeconds } = await time(() => train(steps), 5);
  await executor.close();
  const tokensPerCpuSecond = Math.round((steps * batch * length) / cpuSeconds);
  return { family, parameters: countParameters(model), cpuSeconds, tokensPerCpuSecond };
}
