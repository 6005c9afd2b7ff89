// The Transformer as its paper trained it from English to German (Vaswani et al. 2017). The shards want documents of a source and
// a target, told apart by loss masks, as conversations of a prompt and an answer are packed. Larger: --model transformer-big.
//
//   gristmill-trainer train --config pipelines/train-transformer.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'transformer-base',
  settings: {
    objective: 'pairs',
    sequenceLength: 256,
    microBatchSize: 14,
    gradAccumSteps: 7, // 98 rows, 25,088 tokens of each language
    steps: 100_000, // 12 hours on 8 P100
    schedule: 'inverse-sqrt',
    warmupSteps: 4000,
    learningRate: 6.99e-4, // (512 · 4,000)^−½
    optimizer: 'adam',
    beta2: 0.98,
    epsilon: 1e-9,
    labelSmoothing: 0.1,
    clip: 0,
  },
} satisfies TrainingRecipe;
