// The Transformer (Vaswani et al. 2017), as its paper trained it from English to German.

import { definePreset, sequences, type Preset } from './preset.ts';

const warmupSteps = 4000;

interface Size {
  readonly width: number;
  readonly heads: number;
  readonly dropout: number;
  readonly steps: number;
}

const transformer = ({ width, heads, dropout, steps }: Size): Preset =>
  definePreset({
    config: {
      ...{ model_type: 'marian', vocab_size: 37_000, d_model: width, max_position_embeddings: 512 },
      ...{ encoder_layers: 6, encoder_attention_heads: heads, encoder_ffn_dim: 4 * width },
      ...{ decoder_layers: 6, decoder_attention_heads: heads, decoder_ffn_dim: 4 * width },
      ...{ activation_function: 'relu', scale_embedding: true, init_std: width ** -0.5, dropout },
      ...{ pad_token_id: 0, decoder_start_token_id: 0 },
    },
    paper: 'Vaswani et al. 2017, Attention Is All You Need',
    recipe: 'WMT 2014 from English to German, 4.5 M pairs, about 25,000 tokens of each language a step',
    training: {
      objective: 'pairs',
      sequenceLength: 256,
      ...sequences(98), // 25,088 tokens
      steps,
      schedule: 'inverse-sqrt',
      warmupSteps,
      learningRate: (width * warmupSteps) ** -0.5,
      optimizer: 'adam',
      beta2: 0.98,
      epsilon: 1e-9,
      labelSmoothing: 0.1,
      clip: 0,
    },
  });

export const transformerPresets: Readonly<Record<string, Preset>> = {
  'transformer-base': transformer({ width: 512, heads: 8, dropout: 0.1, steps: 100_000 }),
  'transformer-big': transformer({ width: 1024, heads: 16, dropout: 0.3, steps: 300_000 }),
};
