// Pins a file that was made elsewhere, such as the output of `gristmill train-classifier`, as it is.

import { checkOptions, type OptionSchema, type OptionsOf } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';

const pinOptions = {
  name: { type: 'string', required: true, description: 'Under which other steps ask for it.' },
  file: { type: 'string', required: true, description: 'Relative to the recipe.' },
} as const satisfies OptionSchema;

/** @example { name: 'toxicity', file: 'models/toxicity.bin' } */
export type PinnedFileOptions = Required<OptionsOf<typeof pinOptions>>;

export const pinnedFile: TrainingStage<PinnedFileOptions> = {
  name: 'pin',
  version: 1,
  description: 'Pins a file that was made elsewhere, as it is.',
  options: pinOptions,
  artefact: ({ name }) => name,
  check(options) {
    checkOptions(pinOptions, options, { name: 'pin' });
  },
  inputs: () => [],
  files: ({ file }) => [file],
  train: ({ files }) => files[0].read(),
};
