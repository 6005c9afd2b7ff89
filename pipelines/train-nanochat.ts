// nanochat of depth 20 (Karpathy 2025): Muon with the Polar Express for matrices, a trapezoid that falls over the last 65 %,
// 12 tokens a parameter. Any even depth: --model nanochat-d12.
//
//   gristmill-trainer train --config pipelines/train-nanochat.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'nanochat-d20',
  settings: {
    optimizer: 'muon',
    muonIteration: 'polar-express',
    sequenceLength: 2048,
    microBatchSize: 1,
    gradAccumSteps: 256, // 2^19 tokens
    schedule: 'trapezoid',
    warmupSteps: 40,
  },
} satisfies TrainingRecipe;
