// The column group of personal data: where it stands, and how much of it there is. Masking is pack's.

import type { RowStage } from '@gristmill/core';
import { findPersonalData, personalDataVersion } from '@gristmill/detect';

export const personalDataStage: RowStage = {
  name: 'annotate-pii',
  version: personalDataVersion,
  description: 'Where e-mail addresses, telephone numbers, cards, accounts and keys stand; pack masks them.',
  options: {},
  reads: ['text'],
  columns: [
    { name: 'pii', type: 'json' },
    { name: 'piiCount', type: 'int32' },
  ],
  packages: ['libphonenumber-js', 'ibantools', 'stdnum', '@scure/base'],
  create() {
    return (row) => {
      const pii = findPersonalData(String(row.text ?? ''));
      return { id: row.id, pii, piiCount: pii.length };
    };
  },
};
