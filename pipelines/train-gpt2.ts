// GPT-2's small model as llm.c reproduces it: 10 B tokens of FineWeb, steps of 2^19 tokens, no dropout. Its validation
// loss there is 3.27 to 3.29. Larger: --model gpt2-350m, gpt2-774m, gpt2-1558m.
//
//   gristmill-trainer train --config pipelines/train-gpt2.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'gpt2-124m',
  settings: {
    sequenceLength: 1024,
    microBatchSize: 1, // what 4 GiB leave room for; more with --executor xla
    gradAccumSteps: 512,
    steps: 18_865,
    warmupSteps: 700,
    learningRate: 6e-4,
    minLearningRate: 0,
    weightDecay: 0.1,
    clip: 1,
  },
} satisfies TrainingRecipe;
