// The column group of reading level and register, with a genre for the data card: a coarse one by rules over these
// signals, or the labels of a classifier that the recipe trains or pins.

import { checkOptions, type Column, type OptionSchema, type OptionsOf, type RowStage } from '@gristmill/core';
import { guessGenre, measureReading } from '@gristmill/detect';
import { createLabeller } from './best-label.ts';
import { pinnedBytes } from './stage-options.ts';

const readingOptions = {
  genres: {
    type: 'string',
    otherwise: 'a coarse genre by rules',
    description: 'Name of a pinned classifier whose labels are the genres.',
  },
} as const satisfies OptionSchema;

export type ReadingStageOptions = OptionsOf<typeof readingOptions>;

export const readingStage: RowStage<ReadingStageOptions> = {
  name: 'annotate-reading',
  version: 1,
  description: 'Reading level, register and genre.',
  options: readingOptions,
  reads: ['text'],
  columns: [
    ...Object.keys(measureReading('')).map((name): Column => ({ name, type: 'float64' })),
    { name: 'genre', type: 'string' },
  ],
  artefacts: ({ genres }) => (genres === undefined ? [] : [genres]),
  create(options, artefacts) {
    checkOptions(readingOptions, options, { name: 'annotate-reading' });
    const { genres } = options;
    const labelOf = genres === undefined ? undefined : createLabeller(pinnedBytes(artefacts, genres));
    return (row) => {
      const text = String(row.text ?? '');
      const signals = measureReading(text);
      return { id: row.id, ...signals, genre: labelOf?.(text).label ?? guessGenre(signals) };
    };
  },
};
