// BLOOM's smallest model (BigScience 2022): 341 B tokens of 46 languages. The cosine is laid over 410 B tokens, so the run
// ends before it does. Larger: --model bloom-1b1 … bloom-176b.
//
//   gristmill-trainer train --config pipelines/train-bloom.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'bloom-560m',
  settings: {
    sequenceLength: 2048,
    microBatchSize: 1,
    gradAccumSteps: 256,
    steps: 650_406,
    warmupSteps: 715, // 375 M tokens
    decaySteps: 782_013,
    learningRate: 3e-4,
    minLearningRate: 1e-5,
    beta2: 0.95,
    weightDecay: 0.1,
    clip: 1,
  },
} satisfies TrainingRecipe;
