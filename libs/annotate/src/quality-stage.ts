// The column group of learned quality: the score of one label of a pinned classifier, in thousandths, and, when a pinned
// n-gram model is named, the text's perplexity under it. Both integers, so that they may break ties.

import {
  checkOptions,
  DataError,
  suggestName,
  type OptionSchema,
  type OptionsOf,
  type RowStage,
} from '@gristmill/core';
import { decodeClassifier, decodeNgramModel, perplexity, scoreText } from '@gristmill/detect';

const qualityOptions = {
  classifier: {
    type: 'string',
    otherwise: 'no score',
    description: 'Name of the pinned classifier (`classifierTraining`, or `gristmill train-classifier`).',
  },
  label: { type: 'string', default: 'positive', description: 'The label whose probability is the score.' },
  ngramModel: {
    type: 'string',
    otherwise: 'no perplexity',
    description: 'Name of a pinned n-gram model (`ngramTraining`).',
  },
} as const satisfies OptionSchema;

export type QualityOptions = OptionsOf<typeof qualityOptions>;

const mostPerplexity = 1_000_000;

export const qualityStage: RowStage<QualityOptions> = {
  name: 'annotate-quality',
  version: 1,
  description: 'The score of a pinned classifier in thousandths, and perplexity under a pinned n-gram model.',
  options: qualityOptions,
  reads: ['text'],
  columns: [
    { name: 'quality', type: 'int32', optional: true },
    { name: 'perplexity', type: 'int32', optional: true },
  ],
  // Perplexity alone takes logarithms; its rounding hides a last bit, but not at every border.
  usesFloatMath: true,
  artefacts: (options) => [options.classifier, options.ngramModel].filter((name) => name !== undefined),
  create(options, artefacts) {
    checkOptions(qualityOptions, options, { name: 'annotate-quality' });
    const bytes = (name: string | undefined): Uint8Array | undefined =>
      name === undefined ? undefined : artefacts.get(name);
    const classifierBytes = bytes(options.classifier);
    const ngramBytes = bytes(options.ngramModel);
    if (!classifierBytes && !ngramBytes) {
      throw new DataError(
        'quality-option',
        'annotate-quality has neither a classifier nor an n-gram model',
        'name a pinned one: options { classifier: "quality" }',
      );
    }
    const classifier = classifierBytes && decodeClassifier(classifierBytes);
    const label = options.label ?? 'positive';
    if (classifier && !classifier.labels.includes(label)) {
      throw new DataError(
        'quality-label',
        `the classifier ${options.classifier} has no label ${label}`,
        suggestName(label, classifier.labels, `its labels are ${classifier.labels.join(', ')}`),
      );
    }
    const model = ngramBytes && decodeNgramModel(ngramBytes);
    return (row) => {
      const text = String(row.text ?? '');
      return {
        id: row.id,
        quality: classifier && scoreText(classifier, text, label),
        perplexity: model && Math.round(Math.min(mostPerplexity, perplexity(model, text))),
      };
    };
  },
};
