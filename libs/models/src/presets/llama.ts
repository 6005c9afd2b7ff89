// LLaMA 1 to 3 (Touvron et al. 2023, Grattafiori et al. 2024), and what has its form: TinyLlama (Zhang et al. 2024),
// SmolLM3 (Hugging Face 2025).

import { adam95, definePreset, sequences, stepsOf, type Preset } from './preset.ts';

interface Llama {
  readonly sizes: Readonly<Record<string, number>>;
  readonly length: number;
  readonly more?: Readonly<Record<string, unknown>>;
  readonly paper: string;
  readonly recipe: string;
  /** Of the training. */
  readonly tokens: number;
  readonly stepTokens: number;
  readonly rate: number;
}

const million = 2 ** 20;

/** All of them: AdamW of GPT-3, 2,000 steps of warm-up, a cosine to a tenth. */
function llama({ sizes, length, more, paper, recipe, tokens, stepTokens, rate }: Llama): Preset {
  return definePreset({
    config: { model_type: 'llama', max_position_embeddings: length, ...sizes, ...more },
    paper,
    recipe,
    training: {
      sequenceLength: Math.min(length, 8192),
      ...sequences(stepTokens / Math.min(length, 8192)),
      steps: stepsOf(tokens, stepTokens),
      warmupSteps: 2000,
      learningRate: rate,
      minLearningRate: rate / 10,
      ...adam95,
    },
  });
}

const shape = (width: number, heads: number, layers: number, inner: number, groups = heads) => ({
  hidden_size: width,
  num_attention_heads: heads,
  num_key_value_heads: groups,
  num_hidden_layers: layers,
  intermediate_size: inner,
});

const first = (sizes: Llama['sizes'], tokens: number, rate: number) =>
  llama({
    ...{ sizes, tokens, rate, length: 2048, stepTokens: 4 * million },
    paper: 'Touvron et al. 2023, LLaMA',
    recipe: `${tokens / 1e12} T tokens of CommonCrawl, C4, GitHub, Wikipedia, books, arXiv, Stack Exchange`,
  });

const third = { vocab_size: 128_256, rms_norm_eps: 1e-5 };

const smollm3 = definePreset({
  config: {
    ...{ model_type: 'smollm3', ...shape(2048, 16, 36, 11008, 4), max_position_embeddings: 4096 },
    ...{ vocab_size: 128_256, tie_word_embeddings: true, rope_theta: 50_000, no_rope_layer_interval: 4 },
  },
  paper: 'Hugging Face 2025, SmolLM3',
  recipe: '11 T tokens; every fourth block without rotation; documents do not see each other',
  training: {
    sequenceLength: 4096,
    ...sequences(576), // 2.36 M tokens
    documentMask: true,
    steps: 4_720_000,
    schedule: 'trapezoid',
    decaySteps: 522_000,
    warmupSteps: 2000,
    learningRate: 2e-4,
    minLearningRate: 0,
    ...adam95,
    decayEmbeddings: false,
  },
});

export const llamaPresets: Readonly<Record<string, Preset>> = {
  'llama-7b': first(shape(4096, 32, 32, 11008), 1e12, 3e-4),
  'llama-13b': first(shape(5120, 40, 40, 13824), 1e12, 3e-4),
  'llama-33b': first(shape(6656, 52, 60, 17920), 1.4e12, 1.5e-4),
  'llama-65b': first(shape(8192, 64, 80, 22016), 1.4e12, 1.5e-4),
  'llama2-70b': llama({
    ...{ sizes: shape(8192, 64, 80, 28672, 8), length: 4096, tokens: 2e12, stepTokens: 4 * million },
    ...{ rate: 1.5e-4, more: { rms_norm_eps: 1e-5 } },
    paper: 'Touvron et al. 2023, Llama 2',
    recipe: '2 T tokens of public text',
  }),
  'llama3-8b': llama({
    ...{ sizes: shape(4096, 32, 32, 14336, 8), length: 8192, tokens: 15e12, stepTokens: 4 * million },
    ...{ rate: 3e-4, more: { ...third, rope_theta: 500_000 } },
    paper: 'Grattafiori et al. 2024, The Llama 3 Herd of Models',
    recipe: '15 T tokens; its batch is unpublished, that of LLaMA stands here',
  }),
  'llama3.2-1b': llama({
    ...{ sizes: { ...shape(2048, 32, 16, 8192, 8), head_dim: 64 }, length: 131_072, rate: 3e-4 },
    ...{ tokens: 9e12, stepTokens: 4 * million },
    more: {
      ...third,
      tie_word_embeddings: true,
      rope_theta: 500_000,
      rope_scaling: {
        ...{ rope_type: 'llama3', factor: 32, low_freq_factor: 1, high_freq_factor: 4 },
        original_max_position_embeddings: 8192,
      },
    },
    paper: 'Meta 2024, Llama 3.2',
    recipe:
      'pruned from 8B and distilled on 9 T tokens; no recipe from nothing is published, that of 8B stands here',
  }),
  tinyllama: llama({
    ...{ sizes: shape(2048, 32, 22, 5632, 4), length: 2048, tokens: 3e12, stepTokens: 2 * million },
    ...{ rate: 4e-4, more: { rms_norm_eps: 1e-5 } },
    paper: 'Zhang et al. 2024, TinyLlama',
    recipe: '3 T tokens of SlimPajama and StarCoder, about three epochs',
  }),
  'smollm3-3b': smollm3,
};
