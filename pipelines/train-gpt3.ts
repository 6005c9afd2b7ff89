// GPT-3's smallest model (Brown et al. 2020): the batch grows from 32 k tokens to half a million over the first 4 B of
// 300 B tokens (the preset's table), the cosine ends at 260 B. Every other block of the paper's sees a band whose width is
// unpublished: --set window=256 gives one. Larger: --model gpt3-350m … gpt3-175b.
//
//   gristmill-trainer train --config pipelines/train-gpt3.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'gpt3-125m',
  settings: {
    sequenceLength: 2048,
    learningRate: 6e-4,
    minLearningRate: 6e-5,
    beta2: 0.95,
    weightDecay: 0.1,
    clip: 1,
  },
} satisfies TrainingRecipe;
