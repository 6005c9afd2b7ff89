// The column group of reading level and register, with a genre for the data card: a coarse one by rules over these
// signals, or the labels of a classifier that the recipe trains or pins.

import type { Column, JsonObject, RowStage } from '@gristmill/core';
import { guessGenre, measureReading } from '@gristmill/detect';
import { createLabeller } from './best-label.ts';
import { checkNames, pinnedBytes } from './stage-options.ts';

export interface ReadingStageOptions extends JsonObject {
  /** Name of a pinned classifier whose labels are the genres. */
  readonly genres?: string;
}

export const readingStage: RowStage<ReadingStageOptions> = {
  name: 'annotate-reading',
  version: 1,
  reads: ['text'],
  columns: [
    ...Object.keys(measureReading('')).map((name): Column => ({ name, type: 'float64' })),
    { name: 'genre', type: 'string' },
  ],
  artefacts: ({ genres }) => (genres === undefined ? [] : [genres]),
  create(options, artefacts) {
    checkNames(options, 'annotate-reading', ['genres']);
    const { genres } = options;
    const labelOf = genres === undefined ? undefined : createLabeller(pinnedBytes(artefacts, genres));
    return (row) => {
      const text = String(row.text ?? '');
      const signals = measureReading(text);
      return { id: row.id, ...signals, genre: labelOf?.(text).label ?? guessGenre(signals) };
    };
  },
};
