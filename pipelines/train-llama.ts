// LLaMA's form at a size that one machine trains: TinyLlama 1.1B (Zhang et al. 2024), 3 T tokens in steps of 2 M. The
// others, LLaMA 1 to 3: --model llama-7b, llama2-70b, llama3-8b, llama3.2-1b.
//
//   gristmill-trainer train --config pipelines/train-llama.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'tinyllama',
  settings: {
    sequenceLength: 2048,
    microBatchSize: 4,
    gradAccumSteps: 256, // 2 M tokens
    remat: 'block', // activations of 22 blocks weigh more than what computing them again costs
    steps: 1_430_511,
    warmupSteps: 2000,
    learningRate: 4e-4,
    minLearningRate: 4e-5,
    beta2: 0.95,
    weightDecay: 0.1,
    clip: 1,
  },
} satisfies TrainingRecipe;
