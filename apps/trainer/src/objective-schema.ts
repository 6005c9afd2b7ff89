// The settings of what a model is trained to do.

import type { OptionSchema } from '@gristmill/core';

export const objectiveSchema = {
  objective: {
    type: 'string',
    values: ['auto', 'next-token', 'masked', 'spans', 'pairs', 'prefix'],
    default: 'auto',
    description:
      "The next token of a decoder; of an encoder, masked ones; of an encoder-decoder, spans that were left out, the second part of pairs, or what follows a prefix (decoders too). auto: the first that fits the model's kind.",
  },
  documentMask: {
    type: 'boolean',
    default: false,
    description: 'Documents that are packed into a row do not see each other.',
  },
  maskProbability: {
    type: 'number',
    default: 0.15,
    least: 0,
    most: 1,
    description: 'Share of the tokens that objective masked predicts.',
  },
  nextSentence: {
    type: 'boolean',
    default: false,
    description:
      'With objective masked: rows are two parts, and whether they follow each other is asked too.',
  },
  noiseDensity: {
    type: 'number',
    default: 0.15,
    least: 0,
    most: 1,
    description: 'Share of the tokens that objective spans leaves out.',
  },
  noiseLength: {
    type: 'number',
    default: 3,
    least: 1,
    description: 'Tokens of a span that is left out, on average.',
  },
  targetLength: {
    type: 'integer',
    default: 0,
    least: 0,
    description: 'Tokens of a target of objective pairs; 0: as many as of a source.',
  },
} as const satisfies OptionSchema;
