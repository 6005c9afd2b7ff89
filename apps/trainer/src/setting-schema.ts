// The settings of a run: names, defaults, kinds, meaning; --set, --help and the reference are made of them. Defaults are
// nanoGPT's and GPT-3's where they agree. Lengths in tokens, rates per step.

import type { OptionSchema, ResolvedOptions } from '@gristmill/core';
import { objectiveSchema } from './objective-schema.ts';
import {
  optimizerSchema,
  optimizerSchemas,
  type OptimizerName,
  type OptimizerSettings,
} from './optimizer-schema.ts';
import { curveSchema, scheduleSchema, scheduleSchemas, type ScheduleSettings } from './schedule-schema.ts';
import { count, natural, rate, share } from './setting-kinds.ts';

const commonSchema = {
  sequenceLength: count(1024, 'Tokens of a sequence.'),
  microBatchSize: count(4, 'Sequences of a micro-batch, which are computed at once.'),
  gradAccumSteps: count(1, 'Micro-batches a step.'),
  batchRamp: {
    type: 'object',
    otherwise: 'all steps are as large',
    description:
      'Sequences of a step, by the step from which they hold: {"1": 8, "1000": 16}; multiples of microBatchSize.',
  },
  lengthRamp: {
    type: 'object',
    otherwise: 'all sequences are as long',
    description: 'Tokens of a sequence, by the step from which they hold; divisors of sequenceLength.',
  },
  remat: {
    type: 'string',
    values: ['none', 'attention', 'block'],
    default: 'none',
    description:
      'What the backward pass computes again instead of keeping: nothing, what leads to attention, or whole blocks. Less memory, up to a fifth more work.',
  },
  precision: {
    type: 'string',
    values: ['f32', 'tf32', 'bf16'],
    default: 'f32',
    description:
      'In which matrices are multiplied; weights, sums, norms, softmax and losses are f32 always. tf32: f32 as tensor cores read it. bf16: the executor xla alone.',
  },
  steps: count(1000, 'Steps of the optimizer.'),
  clip: rate(1, 'Greatest global norm of the gradient; 0: no clipping.'),
  labelSmoothing: share(
    0,
    'Share of each target that is spread over the whole vocabulary, in training alone.',
  ),
  emaDecay: {
    ...share(0, 'Of an average of the weights, which becomes model-ema/; 0: none.'),
    most: 0.999999,
  },
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

/** Every setting of any run. */
export const settingSchema = { ...objectiveSchema, ...commonSchema, ...scheduleSchema, ...optimizerSchema };

/** What a run is told; optimiser and schedule decide which settings there are. */
export type RunSettings = ResolvedOptions<typeof objectiveSchema> &
  ResolvedOptions<typeof commonSchema> &
  ScheduleSettings &
  OptimizerSettings;

export interface Choices {
  readonly optimizer: OptimizerName;
  readonly schedule: keyof typeof scheduleSchemas;
}

/** The settings that a run has under an optimiser and a schedule, with their defaults. */
export function schemaOf({ optimizer, schedule }: Choices): OptionSchema {
  return {
    ...objectiveSchema,
    ...commonSchema,
    ...curveSchema,
    ...scheduleSchemas[schedule],
    optimizer: settingSchema.optimizer,
    ...optimizerSchemas[optimizer],
  };
}
