// T5 (Raffel et al. 2020) and T5 v1.1, whose feed-forward layers are gated and whose head is its own.

import { definePreset, sequences, type Preset } from './preset.ts';

type Sizes = readonly [layers: number, width: number, heads: number, headSize: number, inner: number];

const first: Readonly<Record<string, Sizes>> = {
  't5-small': [6, 512, 8, 64, 2048],
  't5-base': [12, 768, 12, 64, 3072],
  't5-large': [24, 1024, 16, 64, 4096],
  't5-3b': [24, 1024, 32, 128, 16384],
  't5-11b': [24, 1024, 128, 128, 65536],
};

const second: Readonly<Record<string, Sizes>> = {
  't5-v1.1-small': [8, 512, 6, 64, 1024],
  't5-v1.1-base': [12, 768, 12, 64, 2048],
  't5-v1.1-large': [24, 1024, 16, 64, 2816],
  't5-v1.1-xl': [24, 2048, 32, 64, 5120],
  't5-v1.1-xxl': [24, 4096, 64, 64, 10240],
};

const configOf = ([num_layers, d_model, num_heads, d_kv, d_ff]: Sizes) => ({
  ...{ model_type: 't5', vocab_size: 32128, num_layers, d_model, num_heads, d_kv, d_ff },
});

/** 1 / √max(step, 10⁴) of each parameter's own size: T5's relative step. */
const training: Preset['training'] = {
  objective: 'spans',
  sequenceLength: 512,
  optimizer: 'adafactor',
  schedule: 'inverse-sqrt',
  learningRate: 0.01,
  warmupSteps: 0,
  holdSteps: 10_000,
  clip: 0,
};

const t5 = (sizes: Sizes): Preset =>
  definePreset({
    config: configOf(sizes),
    paper: 'Raffel et al. 2020, Exploring the Limits of Transfer Learning (T5)',
    recipe: 'C4, 34 B tokens: spans of 3 in 15 % of the tokens, steps of 128 sequences of 512 tokens',
    training: { ...training, ...sequences(128), steps: 2 ** 19 },
  });

const gated = (sizes: Sizes): Preset =>
  definePreset({
    config: {
      ...configOf(sizes),
      ...{ feed_forward_proj: 'gated-gelu', tie_word_embeddings: false, dropout_rate: 0 },
    },
    paper: 'Shazeer 2020, GLU Variants Improve Transformer (T5 v1.1)',
    recipe: 'C4 alone, a million steps of 2,048 sequences, without dropout',
    training: { ...training, ...sequences(2048), steps: 1_000_000 },
  });

export const t5Presets: Readonly<Record<string, Preset>> = {
  ...Object.fromEntries(Object.entries(first).map(([name, sizes]) => [name, t5(sizes)])),
  ...Object.fromEntries(Object.entries(second).map(([name, sizes]) => [name, gated(sizes)])),
};
