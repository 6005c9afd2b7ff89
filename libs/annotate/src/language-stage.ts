// The column group of the language: what the text is written in, whatever its source declares.

import type { RowStage } from '@gristmill/core';
import { detectLanguage } from '@gristmill/detect';

export const languageStage: RowStage = {
  name: 'annotate-language',
  version: 1,
  reads: ['text'],
  columns: [
    { name: 'language', type: 'string', optional: true },
    { name: 'languageScore', type: 'float64' },
  ],
  packages: ['eld'],
  create() {
    return (row) => {
      const { language, score } = detectLanguage(String(row.text ?? ''));
      return { id: row.id, language, languageScore: score };
    };
  },
};
