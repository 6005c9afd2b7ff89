// BERT as its paper trained it (Devlin et al. 2019): masked tokens, and whether a sentence follows. Nine tenths of the steps
// are at 128 tokens. The shards want a tokenizer with [CLS], [SEP], [MASK] and [PAD].
//
//   gristmill-trainer train --config pipelines/train-bert.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'bert-base',
  settings: {
    objective: 'masked',
    nextSentence: true,
    maskProbability: 0.15,
    sequenceLength: 512,
    lengthRamp: { 1: 128, 900_001: 512 },
    microBatchSize: 8,
    gradAccumSteps: 32, // 256 rows
    steps: 1_000_000,
    schedule: 'linear',
    warmupSteps: 10_000,
    learningRate: 1e-4,
    minLearningRate: 0,
    beta2: 0.999,
    epsilon: 1e-6,
    weightDecay: 0.01, // not of biases and norms
  },
} satisfies TrainingRecipe;
