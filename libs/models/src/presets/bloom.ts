// BLOOM (BigScience 2022).

import { adam95, definePreset, sequences, stepsOf, type Preset } from './preset.ts';

type Sizes = readonly [
  layers: number,
  width: number,
  heads: number,
  batch: number,
  rate: number,
  tokens: number,
];

/** Sizes, sequences of 2,048 tokens a step, learning rate, billions of tokens. */
const sizes: Readonly<Record<string, Sizes>> = {
  'bloom-560m': [24, 1024, 16, 256, 3e-4, 341],
  'bloom-1b1': [24, 1536, 16, 256, 2.5e-4, 341],
  'bloom-1b7': [24, 2048, 16, 512, 2e-4, 341],
  'bloom-3b': [30, 2560, 32, 512, 1.6e-4, 341],
  'bloom-7b1': [30, 4096, 32, 512, 1.2e-4, 341],
  'bloom-176b': [70, 14336, 112, 2048, 6e-5, 366],
};

function bloom([layers, width, heads, batch, rate, billions]: Sizes): Preset {
  const stepTokens = batch * 2048;
  return definePreset({
    config: { model_type: 'bloom', n_layer: layers, hidden_size: width, n_head: heads, seq_length: 2048 },
    paper: 'BigScience 2022, BLOOM',
    recipe: `${billions} B tokens of ROOTS, 46 languages; the cosine is laid over 410 B`,
    training: {
      sequenceLength: 2048,
      ...sequences(batch),
      steps: stepsOf(billions * 1e9, stepTokens),
      warmupSteps: stepsOf(375e6, stepTokens),
      decaySteps: stepsOf(410e9, stepTokens),
      learningRate: rate,
      minLearningRate: rate === 6e-5 ? 6e-6 : 1e-5,
      ...adam95,
    },
  });
}

export const bloomPresets: Readonly<Record<string, Preset>> = Object.fromEntries(
  Object.entries(sizes).map(([name, size]) => [name, bloom(size)]),
);
