// BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019).

import { definePreset, sequences, type Preset } from './preset.ts';

const sizes = {
  base: { num_hidden_layers: 12, hidden_size: 768, num_attention_heads: 12, intermediate_size: 3072 },
  large: { num_hidden_layers: 24, hidden_size: 1024, num_attention_heads: 16, intermediate_size: 4096 },
};

const bert = (size: keyof typeof sizes): Preset =>
  definePreset({
    config: { model_type: 'bert', vocab_size: 30522, ...sizes[size] },
    bare: { heads: 'none' },
    paper: 'Devlin et al. 2019, BERT',
    recipe: 'BooksCorpus and Wikipedia, 3.3 B words, 40 epochs',
    training: {
      objective: 'masked',
      nextSentence: true,
      sequenceLength: 512,
      lengthRamp: { 1: 128, 900_001: 512 },
      ...sequences(256),
      steps: 1_000_000,
      schedule: 'linear',
      warmupSteps: 10_000,
      learningRate: 1e-4,
      minLearningRate: 0,
      beta2: 0.999,
      epsilon: 1e-6,
      weightDecay: 0.01,
      clip: 1,
    },
  });

const roberta = (size: keyof typeof sizes, rate: number, warmupSteps: number): Preset =>
  definePreset({
    config: {
      ...{ model_type: 'roberta', vocab_size: 50265, max_position_embeddings: 514, type_vocab_size: 1 },
      ...{ layer_norm_eps: 1e-5, ...sizes[size] },
    },
    bare: { heads: 'none' },
    paper: 'Liu et al. 2019, RoBERTa',
    recipe: '160 GB of text; masks are drawn anew for each step, sentences are not asked for',
    training: {
      objective: 'masked',
      sequenceLength: 512,
      ...sequences(8192),
      steps: 500_000,
      schedule: 'linear',
      warmupSteps,
      learningRate: rate,
      minLearningRate: 0,
      beta2: 0.98,
      epsilon: 1e-6,
      weightDecay: 0.01,
      clip: 0,
    },
  });

export const encoderPresets: Readonly<Record<string, Preset>> = {
  'bert-base': bert('base'),
  'bert-large': bert('large'),
  'roberta-base': roberta('base', 6e-4, 24_000),
  'roberta-large': roberta('large', 4e-4, 30_000),
};
