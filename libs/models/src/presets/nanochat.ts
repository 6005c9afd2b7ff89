// nanochat (Karpathy 2025): one number, the depth, says everything.

import { countParameters } from '../language-model.ts';
import { createModel } from '../architectures.ts';
import { definePreset, stepsOf, type Preset } from './preset.ts';

const length = 2048;
const stepTokens = 2 ** 19;
const headSize = 128;

/** @param depth blocks, even, so that heads of 128 divide the width */
export function nanochat(depth: number): Preset {
  const width = 64 * depth;
  const heads = Math.ceil(width / headSize);
  const preset = definePreset({
    config: {
      ...{ model_type: 'nanochat_windowed', vocab_size: 32_768, max_position_embeddings: length },
      ...{ num_hidden_layers: depth, hidden_size: width, intermediate_size: 4 * width },
      ...{ num_attention_heads: heads, num_key_value_heads: heads, head_dim: width / heads },
      ...{ final_logit_softcapping: 20, window_size: length / 2 },
    },
    paper: 'Karpathy 2025, nanochat',
    recipe: 'FineWeb-Edu, 12 tokens a parameter; windows short, short, short, long',
    training: {},
  });
  const parameters = countParameters(
    createModel({ ...preset.model, vocabSize: preset.vocabSize, eosTokenId: 0 }),
  );
  const steps = Math.max(100, stepsOf(12 * parameters, stepTokens));
  return {
    ...preset,
    training: {
      sequenceLength: length,
      microBatchSize: 1,
      gradAccumSteps: stepTokens / length,
      steps,
      schedule: 'trapezoid',
      warmupSteps: 40,
      decaySteps: Math.round(0.65 * steps),
      learningRate: 0.02,
      minLearningRate: 0.001,
      optimizer: 'muon',
      muonIteration: 'polar-express',
      muonRateFactor: 1,
      embeddingRateFactor: 15, // .3
      headRateFactor: 0.4, // .008
      weightDecay: 0.28,
      clip: 1,
    },
  };
}

/** The depth in a name such as nanochat-d20. */
export function readDepth(name: string): number | undefined {
  const depth = Number(/^nanochat-d(\d+)$/.exec(name)?.[1]);
  return depth >= 2 && depth <= 128 && depth % 2 === 0 ? depth : undefined;
}
