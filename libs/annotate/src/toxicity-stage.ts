// The column group of toxicity: the score of one label of a pinned classifier, in thousandths. What is toxic is what the
// recipe's examples say; the data card shows which groups of people the documents with high scores mention.

import { DataError, resolveOptions, type OptionSchema, type OptionsOf, type RowStage } from '@gristmill/core';
import { decodeClassifier, scoreText } from '@gristmill/detect';
import { pinnedBytes } from './stage-options.ts';

const toxicityOptions = {
  classifier: { type: 'string', default: 'toxicity', description: 'Name of the pinned classifier.' },
  label: { type: 'string', default: 'toxic', description: 'The label whose probability is the score.' },
} as const satisfies OptionSchema;

export type ToxicityOptions = OptionsOf<typeof toxicityOptions>;

export const toxicityStage: RowStage<ToxicityOptions> = {
  name: 'annotate-toxicity',
  version: 1,
  description: 'The score of one label of a pinned classifier, in thousandths.',
  options: toxicityOptions,
  reads: ['text'],
  columns: [{ name: 'toxicity', type: 'int32' }],
  artefacts: ({ classifier = 'toxicity' }) => [classifier],
  create(options, artefacts) {
    const { classifier: name, label } = resolveOptions(toxicityOptions, options, {
      name: 'annotate-toxicity',
    });
    const classifier = decodeClassifier(pinnedBytes(artefacts, name));
    if (!classifier.labels.includes(label)) {
      throw new DataError(
        'toxicity-label',
        `the classifier ${name} has no label ${label}`,
        `its labels are ${classifier.labels.join(', ')}: set the option label`,
      );
    }
    return (row) => ({ id: row.id, toxicity: scoreText(classifier, String(row.text ?? ''), label) });
  },
};
