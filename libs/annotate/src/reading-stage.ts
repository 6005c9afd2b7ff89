// The column group of reading level and register, with a coarse genre for the data card.

import type { Column, RowStage } from '@gristmill/core';
import { guessGenre, measureReading } from '@gristmill/detect';

export const readingStage: RowStage = {
  name: 'annotate-reading',
  version: 1,
  reads: ['text'],
  columns: [
    ...Object.keys(measureReading('')).map((name): Column => ({ name, type: 'float64' })),
    { name: 'genre', type: 'string' },
  ],
  create() {
    return (row) => {
      const signals = measureReading(String(row.text ?? ''));
      return { id: row.id, ...signals, genre: guessGenre(signals) };
    };
  },
};
