// The settings of a run: names, defaults, kinds, meaning; --set, --help and the reference are made of them. Defaults are
// nanoGPT's and GPT-3's where they agree. Lengths in tokens, rates per step.

import type { OptionSchema, ResolvedOptions } from '@gristmill/core';
import { objectiveSchema } from './objective-schema.ts';

const commonSchema = {
  sequenceLength: count(1024, 'Tokens of a sequence.'),
  microBatchSize: count(4, 'Sequences of a micro-batch, which are computed at once.'),
  gradAccumSteps: count(1, 'Micro-batches a step.'),
  remat: {
    type: 'string',
    values: ['none', 'attention', 'block'],
    default: 'none',
    description:
      'What the backward pass computes again instead of keeping: nothing, what leads to attention, or whole blocks. Less memory, up to a fifth more work.',
  },
  steps: count(1000, 'Steps of the optimizer.'),
  warmupSteps: natural(100, 'Steps in which the learning rate rises.'),
  learningRate: rate(6e-4, 'The highest.'),
  minLearningRate: rate(6e-5, 'At the last step, reached along half a cosine.'),
  clip: rate(1, 'Greatest global norm of the gradient; 0: no clipping.'),
  seed: natural(1337, 'Of weights, dropout and the order of samples.'),
  evalInterval: natural(250, 'Steps between evaluations; 0: no evaluation.'),
  evalTokens: natural(65536, 'Tokens of the validation split that an evaluation takes.'),
  patience: natural(
    0,
    'Ends the run after so many evaluations in a row without a better one, with the model of the best; 0: never.',
  ),
  sampleInterval: natural(250, 'Steps between samples of what the model writes; 0: none.'),
  samplePrompt: {
    type: 'string',
    default: '',
    description: 'What samples go on from; empty: the beginning of a document.',
  },
  histogramInterval: natural(100, 'Steps between histograms of gradients; 0: none.'),
  checkpointInterval: natural(250, 'Steps between checkpoints; 0: none but at the end.'),
  keepCheckpoints: count(2, 'The latest so many, and besides them the one of the lowest validation loss.'),
  nonFinite: {
    type: 'string',
    values: ['stop', 'skip', 'rewind'],
    default: 'stop',
    description:
      'A loss or gradient that is not finite ends the run, or its step is skipped, or the run goes back to its newest checkpoint and passes the step by.',
  },
  spike: {
    type: 'string',
    values: ['report', 'skip', 'rewind'],
    default: 'report',
    description:
      'A loss more than 6 deviations above the last 128, after step 512: reported, or done about as nonFinite says.',
  },
} as const satisfies OptionSchema;

const adamwSchema = {
  beta1: rate(0.9, "AdamW's decay of the mean of gradients."),
  beta2: rate(0.95, "AdamW's decay of the mean of their squares."),
  epsilon: rate(1e-8, "AdamW's."),
  weightDecay: rate(0.1, 'Of tables and matrices.'),
} as const satisfies OptionSchema;

const muonSchema = {
  muonMomentum: rate(0.95, "Muon's."),
  muonRateFactor: rate(5, "Learning rate of Muon's matrices relative to learningRate."),
} as const satisfies OptionSchema;

const optimizerSchema = {
  optimizer: {
    type: 'string',
    values: ['adamw', 'muon'],
    default: 'adamw',
    description: 'AdamW, or Muon for the matrices inside blocks and AdamW for the rest.',
  },
} as const satisfies OptionSchema;

/** Every setting of any run. */
export const settingSchema = {
  ...objectiveSchema,
  ...commonSchema,
  ...optimizerSchema,
  ...adamwSchema,
  ...muonSchema,
};

type CommonSettings = ResolvedOptions<typeof objectiveSchema> &
  ResolvedOptions<typeof commonSchema> &
  ResolvedOptions<typeof adamwSchema>;

/** What a run is told; the optimiser decides which settings there are. */
export type RunSettings =
  | ({ readonly optimizer: 'adamw' } & CommonSettings)
  | ({ readonly optimizer: 'muon' } & CommonSettings & ResolvedOptions<typeof muonSchema>);

/** The settings of a run by its optimiser. Muon has AdamW's too, for what is no matrix. */
export const schemasByOptimizer: Readonly<Record<RunSettings['optimizer'], OptionSchema>> = {
  adamw: { ...objectiveSchema, ...commonSchema, ...optimizerSchema, ...adamwSchema },
  muon: settingSchema,
};

function count(value: number, description: string) {
  return { type: 'integer', default: value, least: 1, description } as const;
}

function natural(value: number, description: string) {
  return { type: 'integer', default: value, least: 0, description } as const;
}

function rate(value: number, description: string) {
  return { type: 'number', default: value, least: 0, description } as const;
}
