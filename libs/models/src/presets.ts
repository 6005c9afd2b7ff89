// Models and the training that goes with them, by name: data, not code. Sizes: Radford et al. 2019; nanoGPT's
// configurations for one machine; llm.c's reproduction of GPT-2 for the learning rates. The vocabulary is the shards'.

import type { ModelSizes } from './architectures.ts';
import type { Gpt2Config } from './architectures/gpt2-config.ts';

export type ModelPreset = ModelSizes;

export interface Preset {
  readonly model: ModelPreset;
  /** Settings of the run that differ from the defaults, by their names in settings.ts of the trainer. */
  readonly training: Readonly<Record<string, number | string>>;
}

type Gpt2Sizes = Omit<Gpt2Config, 'vocabSize' | 'eosTokenId'>;

const gpt2 = (nLayer: number, nEmbd: number, nHead: number): Preset & { model: Gpt2Sizes } => ({
  model: {
    modelType: 'gpt2',
    nPositions: 1024,
    nLayer,
    nHead,
    nEmbd,
    dropout: 0,
    layerNormEpsilon: 1e-5,
    initializerRange: 0.02,
  },
  training: {
    sequenceLength: 1024,
    microBatchSize: 1, // what 124M leaves room for in 4 GiB
    gradAccumSteps: 512,
    steps: 18865,
    warmupSteps: 700,
    learningRate: 6e-4,
    minLearningRate: 0,
  },
});

const character = (
  nLayer: number,
  nEmbd: number,
  nHead: number,
  length: number,
  dropout: number,
): Gpt2Sizes => ({
  ...gpt2(nLayer, nEmbd, nHead).model,
  nPositions: length,
  dropout,
});

export const presets: Readonly<Record<string, Preset>> = {
  'gpt2-124m': gpt2(12, 768, 12),
  'gpt2-350m': gpt2(24, 1024, 16),
  'gpt2-774m': gpt2(36, 1280, 20),
  'gpt2-1558m': gpt2(48, 1600, 25),
  'nanogpt-char-cpu': {
    model: character(4, 128, 4, 64, 0),
    training: {
      sequenceLength: 64,
      microBatchSize: 12,
      steps: 2000,
      warmupSteps: 100,
      learningRate: 1e-3,
      minLearningRate: 1e-4,
      beta2: 0.99,
    },
  },
  'nanogpt-char-gpu': {
    model: character(6, 384, 6, 256, 0.2),
    training: {
      sequenceLength: 256,
      microBatchSize: 64,
      steps: 5000,
      warmupSteps: 100,
      learningRate: 1e-3,
      minLearningRate: 1e-4,
      beta2: 0.99,
    },
  },
  // What two cores train in two to four minutes; what else was tried stands in docs/log.md.
  demo: {
    model: character(4, 128, 4, 128, 0),
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
