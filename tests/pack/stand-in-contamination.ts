// A stage of a few lines for the tests of pack: each “bread” in a text counts as an item of an evaluation set.
import type { RowStage } from '@gristmill/core';

export const contaminationStage: RowStage = {
  name: 'annotate',
  version: 1,
  reads: ['text'],
  columns: [{ name: 'contamination', type: 'json', optional: true }],
  create: () => (row) => {
    const found = [...String(row.text ?? '').matchAll(/bread/g)].map(({ index }) => ({
      set: 'loaves',
      item: 'bread',
      digest: '0'.repeat(32),
      start: index,
      end: index + 5,
      words: 1,
      setItems: 1,
    }));
    return { id: row.id, contamination: found.length > 0 ? found : undefined };
  },
};
