// T5 v1.1 as it was trained (Raffel et al. 2020, Shazeer 2020): spans left out of C4, no dropout, Adafactor whose rate is
// 1 / √max(step, 10⁴) of each parameter's size. With AdamW it needs scaleByRms, or it diverges (nanoT5). The shards want a
// tokenizer with a hundred sentinels. The first T5: --model t5-small … t5-11b.
//
//   gristmill-trainer train --config pipelines/train-t5.ts --shards CORPUS --run RUN

import type { TrainingRecipe } from '@gristmill/models';

export default {
  model: 't5-v1.1-base',
  settings: {
    objective: 'spans',
    noiseDensity: 0.15,
    noiseLength: 3,
    sequenceLength: 512,
    microBatchSize: 4,
    gradAccumSteps: 512, // 2,048 sequences
    optimizer: 'adafactor',
    steps: 1_000_000,
    schedule: 'inverse-sqrt',
    learningRate: 0.01,
    warmupSteps: 0,
    holdSteps: 10_000,
    clip: 0,
  },
} satisfies TrainingRecipe;
