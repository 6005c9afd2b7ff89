// SmolLM3 (Hugging Face 2025): every fourth block without rotation, documents do not see each other, embeddings do not
// decay; a trapezoid over 11 T tokens.
//
//   gristmill-trainer train --config pipelines/train-smollm3.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 'smollm3-3b',
  settings: {
    sequenceLength: 4096,
    documentMask: true,
    microBatchSize: 1,
    gradAccumSteps: 576, // 2.36 M tokens
    schedule: 'trapezoid',
    steps: 4_720_000,
    decaySteps: 522_000,
    warmupSteps: 2000,
    learningRate: 2e-4,
    minLearningRate: 0,
    beta2: 0.95,
    weightDecay: 0.1,
    decayEmbeddings: false,
    clip: 1,
  },
} satisfies TrainingRecipe;
