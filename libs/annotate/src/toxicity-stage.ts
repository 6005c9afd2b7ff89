// The column group of toxicity: the score of one label of a pinned classifier, in thousandths. What is toxic is what the
// recipe's examples say; the data card shows which groups of people the documents with high scores mention.

import { DataError, type JsonObject, type RowStage } from '@gristmill/core';
import { decodeClassifier, scoreText } from '@gristmill/detect';
import { checkNames, pinnedBytes } from './stage-options.ts';

export interface ToxicityOptions extends JsonObject {
  /** Name of the pinned classifier. Default `toxicity`. */
  readonly classifier?: string;
  /** The label whose probability is the score. Default `toxic`. */
  readonly label?: string;
}

export const toxicityStage: RowStage<ToxicityOptions> = {
  name: 'annotate-toxicity',
  version: 1,
  reads: ['text'],
  columns: [{ name: 'toxicity', type: 'int32' }],
  artefacts: ({ classifier = 'toxicity' }) => [classifier],
  create(options, artefacts) {
    checkNames(options, 'annotate-toxicity', ['classifier', 'label']);
    const { classifier: name = 'toxicity', label = 'toxic' } = options;
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
