// GPT-1 as its paper trained it (Radford et al. 2018): BooksCorpus a hundred times over. Post-norm blocks, so the warm-up is
// no luxury; dropout everywhere.
//
//   gristmill-trainer train --config pipelines/train-gpt1.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'gpt1',
  settings: {
    sequenceLength: 512,
    microBatchSize: 8,
    gradAccumSteps: 8, // 64 sequences
    steps: 3_000_000, // 100 epochs of 985 M words
    warmupSteps: 2000,
    learningRate: 2.5e-4,
    minLearningRate: 0,
    beta2: 0.999,
    weightDecay: 0.01, // of all that is no bias or gain
    dropout: 0.1,
  },
} satisfies TrainingRecipe;
