// The column group of contamination: which items of the pinned evaluation sets stand in a text, and where. pack copies
// the rows of kept documents beside the shards.

import type { JsonObject, RowStage } from '@gristmill/core';
import { contaminationVersion, createContaminationFinder, decodeEvaluationSets } from '@gristmill/detect';
import { checkNames, pinnedBytes } from './stage-options.ts';

export interface ContaminationOptions extends JsonObject {
  /** Name of the pinned sets. Default `evaluation`. */
  readonly sets?: string;
}

export const contaminationStage: RowStage<ContaminationOptions> = {
  name: 'annotate-contamination',
  version: contaminationVersion,
  reads: ['text'],
  columns: [
    /** [{set, item, start, end, words, digest, setItems}], by place; absent where none. */
    { name: 'contamination', type: 'json', optional: true },
    { name: 'contaminatedItems', type: 'int32' },
  ],
  artefacts: ({ sets = 'evaluation' }) => [sets],
  create(options, artefacts) {
    checkNames(options, 'annotate-contamination', ['sets']);
    const sets = decodeEvaluationSets(pinnedBytes(artefacts, options.sets ?? 'evaluation'));
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
