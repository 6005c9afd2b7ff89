// GPT-1 (Radford et al. 2018), GPT-2 (2019) with llm.c's training of it, nanoGPT's configurations for one machine, GPT-3
// (Brown et al. 2020).

import { adam95, definePreset, sequences, stepsOf, type Preset } from './preset.ts';

const gpt1 = definePreset({
  config: { model_type: 'openai-gpt' },
  paper: 'Radford et al. 2018, Improving Language Understanding by Generative Pre-Training',
  recipe: '100 epochs of BooksCorpus (985 M words); modified L2 of 0.01 on all that is no bias or gain',
  training: {
    sequenceLength: 512,
    ...sequences(64),
    steps: 3_000_000,
    warmupSteps: 2000,
    learningRate: 2.5e-4,
    minLearningRate: 0,
    beta2: 0.999,
    weightDecay: 0.01,
    clip: 1,
  },
});

const withoutDropout = { resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 };

const gpt2 = (n_layer: number, n_embd: number, n_head: number): Preset =>
  definePreset({
    config: { model_type: 'gpt2', n_layer, n_embd, n_head, ...withoutDropout },
    paper: 'Radford et al. 2019, Language Models are Unsupervised Multitask Learners',
    recipe: "llm.c's of FineWeb, 10 B tokens in steps of 2^19 (OpenAI's own rates are unpublished)",
    training: {
      sequenceLength: 1024,
      ...sequences(512), // one at a time is what 124M leaves room for in 4 GiB
      steps: 18865,
      warmupSteps: 700,
      learningRate: 6e-4,
      minLearningRate: 0,
    },
  });

interface Characters {
  readonly sizes: readonly [nLayer: number, nEmbd: number, nHead: number];
  readonly length: number;
  readonly dropout: number;
  readonly training: Preset['training'];
}

const characters = ({ sizes: [n_layer, n_embd, n_head], length, dropout, training }: Characters): Preset =>
  definePreset({
    config: {
      ...{ model_type: 'gpt2', vocab_size: 65, n_positions: length, n_layer, n_embd, n_head },
      ...{ resid_pdrop: dropout, embd_pdrop: dropout, attn_pdrop: dropout },
    },
    paper: 'nanoGPT, config/train_shakespeare_char.py',
    recipe: 'the characters of tiny Shakespeare',
    training: {
      sequenceLength: length,
      warmupSteps: 100,
      learningRate: 1e-3,
      minLearningRate: 1e-4,
      beta2: 0.99,
      ...training,
    },
  });

interface Gpt3 {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Sequences of 2,048 tokens. */
  readonly batch: number;
  readonly rate: number;
  /** Tokens over which the batch grows, where the paper gives 4 to 12 billion by size. */
  readonly rampTokens: number;
}

/** XL and 13B with the heads and width that the paper's own table needs: 16 × 128, 40 × 128. */
function gpt3({ layers: n_layer, width: n_embd, heads: n_head, batch, rate, rampTokens }: Gpt3): Preset {
  const length = 2048;
  const { batchRamp, steps: grown } = rampBatch(batch, rampTokens / length);
  const stepsUntil = (tokens: number) => grown + stepsOf(tokens - rampTokens, batch * length);
  const warmupSteps = stepsOf(375e6, firstBatch * length);
  return definePreset({
    config: { model_type: 'gpt2', n_positions: length, n_layer, n_embd, n_head, ...withoutDropout },
    paper: 'Brown et al. 2020, Language Models are Few-Shot Learners',
    recipe:
      '300 B tokens; the batch grows from 32 k tokens; every other block sees a window whose width is unpublished (--set window=N)',
    training: {
      sequenceLength: length,
      ...sequences(batch),
      batchRamp,
      steps: stepsUntil(300e9),
      decaySteps: stepsUntil(260e9) - warmupSteps,
      warmupSteps,
      learningRate: rate,
      minLearningRate: rate / 10,
      ...adam95,
    },
  });
}

const firstBatch = 16; // 32 k tokens
const rampParts = 8;

/** In eight parts of as many sequences each, the first of the smallest batch, the others rising in a straight line. */
function rampBatch(batch: number, samples: number) {
  const batchRamp: Record<string, number> = {};
  let step = 1;
  for (let part = 0; part < rampParts; part++) {
    const size = Math.max(firstBatch, Math.round((batch * part) / rampParts));
    batchRamp[step] = size;
    step += Math.round(samples / rampParts / size);
  }
  batchRamp[step] = batch;
  return { batchRamp, steps: step - 1 };
}

const million = (count: number) => Math.round((count * 2 ** 20) / 2048);

export const gptPresets: Readonly<Record<string, Preset>> = {
  gpt1,
  'gpt2-124m': gpt2(12, 768, 12),
  'gpt2-350m': gpt2(24, 1024, 16),
  'gpt2-774m': gpt2(36, 1280, 20),
  'gpt2-1558m': gpt2(48, 1600, 25),
  'llm.c': gpt2(12, 768, 12),
  'nanogpt-char-cpu': characters({
    sizes: [4, 128, 4],
    length: 64,
    dropout: 0,
    training: { microBatchSize: 12, steps: 2000 },
  }),
  'nanogpt-char-gpu': characters({
    sizes: [6, 384, 6],
    length: 256,
    dropout: 0.2,
    training: { microBatchSize: 64, steps: 5000 },
  }),
  'gpt3-125m': gpt3({ layers: 12, width: 768, heads: 12, batch: million(0.5), rate: 6e-4, rampTokens: 4e9 }),
  'gpt3-350m': gpt3({ layers: 24, width: 1024, heads: 16, batch: million(0.5), rate: 3e-4, rampTokens: 4e9 }),
  'gpt3-760m': gpt3({
    layers: 24,
    width: 1536,
    heads: 16,
    batch: million(0.5),
    rate: 2.5e-4,
    rampTokens: 4e9,
  }),
  'gpt3-1.3b': gpt3({ layers: 24, width: 2048, heads: 16, batch: million(1), rate: 2e-4, rampTokens: 6e9 }),
  'gpt3-2.7b': gpt3({ layers: 32, width: 2560, heads: 32, batch: million(1), rate: 1.6e-4, rampTokens: 6e9 }),
  'gpt3-6.7b': gpt3({ layers: 32, width: 4096, heads: 32, batch: million(2), rate: 1.2e-4, rampTokens: 8e9 }),
  'gpt3-13b': gpt3({ layers: 40, width: 5120, heads: 40, batch: million(2), rate: 1e-4, rampTokens: 10e9 }),
  'gpt3-175b': gpt3({ layers: 96, width: 12288, heads: 96, batch: 1600, rate: 0.6e-4, rampTokens: 12e9 }),
  // What two cores train in two to four minutes; what else was tried stands in docs/log.md.
  demo: {
    ...characters({ sizes: [4, 128, 4], length: 128, dropout: 0, training: {} }),
    vocabSize: 4096,
    paper: 'Gristmill, pipelines/demo.ts',
    recipe: "the demo's corpus, in about a minute",
    training: {
      sequenceLength: 128,
      microBatchSize: 8,
      gradAccumSteps: 2,
      steps: 360,
      warmupSteps: 50,
      learningRate: 0.03,
      minLearningRate: 0,
      optimizer: 'muon',
      muonRateFactor: 1.5,
    },
  },
};
