// The row-wise stage: extract's text in, clean text and the counts of rules out.

import type { JsonObject, RowStage } from '@gristmill/core';
import { verdictRow } from '@gristmill/core';
import { checkCleanOptions, cleanOptions, cleanText } from './clean-text.ts';

export const cleanStage: RowStage<JsonObject> = {
  name: 'clean',
  version: 3,
  description: 'Repairs of the text, each a rule that can be switched.',
  options: cleanOptions,
  check: (options) => void checkCleanOptions(options),
  reads: ['text'],
  columns: [
    { name: 'text', type: 'string', optional: true },
    { name: 'counts', type: 'json', optional: true },
  ],
  create(options) {
    const checked = checkCleanOptions(options);
    return (row) => {
      if (typeof row.text !== 'string') return verdictRow(row.id, { stage: 'clean', reason: 'no-text' });
      const { text, counts } = cleanText(row.text, checked);
      if (text.trim() === '') return verdictRow(row.id, { stage: 'clean', reason: 'empty' });
      return { id: row.id, text, counts };
    };
  },
};
