// Pins a file that was made elsewhere, such as the output of `gristmill train-classifier`, as it is.

import { DataError, type JsonObject } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { checkNames } from '../stage-options.ts';

/** @example { name: 'toxicity', file: 'models/toxicity.bin' } */
export interface PinnedFileOptions extends JsonObject {
  /** Under which other steps ask for it. */
  readonly name: string;
  /** Relative to the recipe. */
  readonly file: string;
}

export const pinnedFile: TrainingStage<PinnedFileOptions> = {
  name: 'pin',
  version: 1,
  artefact: ({ name }) => name,
  check(options) {
    checkNames(options, 'pin', ['name', 'file']);
    if (typeof options.name === 'string' && typeof options.file === 'string') return;
    throw new DataError(
      'bad-option',
      'pin needs a name and a file',
      'for example {name: "toxicity", file: "toxicity.bin"}',
    );
  },
  inputs: () => [],
  files: ({ file }) => [file],
  train: ({ files }) => files[0].read(),
};
