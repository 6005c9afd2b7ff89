// The column group of contamination: which items of the pinned evaluation sets stand in a text, and where. pack copies
// the rows of kept documents beside the shards.

import { resolveOptions, type OptionSchema, type OptionsOf, type RowStage } from '@gristmill/core';
import { contaminationVersion, createContaminationFinder, decodeEvaluationSets } from '@gristmill/detect';
import { pinnedBytes } from './stage-options.ts';

const contaminationOptions = {
  sets: { type: 'string', default: 'evaluation', description: 'Name of the pinned sets.' },
} as const satisfies OptionSchema;

export type ContaminationOptions = OptionsOf<typeof contaminationOptions>;

export const contaminationStage: RowStage<ContaminationOptions> = {
  name: 'annotate-contamination',
  version: contaminationVersion,
  description: 'Items of pinned evaluation sets that stand in a text, and where.',
  options: contaminationOptions,
  reads: ['text'],
  columns: [
    /** [{set, item, start, end, words, digest, setItems}], by place; absent where none. */
    { name: 'contamination', type: 'json', optional: true },
    { name: 'contaminatedItems', type: 'int32' },
  ],
  artefacts: ({ sets = 'evaluation' }) => [sets],
  create(options, artefacts) {
    const { sets: pin } = resolveOptions(contaminationOptions, options, { name: 'annotate-contamination' });
    const sets = decodeEvaluationSets(pinnedBytes(artefacts, pin));
    const find = createContaminationFinder(sets);
    return (row) => {
      const hits = find(String(row.text ?? ''));
      return {
        id: row.id,
        contamination: hits.length === 0 ? undefined : hits,
        contaminatedItems: new Set(hits.map(({ set, item }) => `${set}\n${item}`)).size,
      };
    };
  },
};
