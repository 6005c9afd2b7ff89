// Learns an n-gram model whose perplexity says how much a text reads like the texts that the recipe names.

import { checkOptions, type OptionSchema, type OptionsOf } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeNgramModel, trainNgramModel } from '@gristmill/detect';
import { parseTextChoice, readTrainingTexts, textChoiceOptions, textInputsOf } from './training-texts.ts';

const ngramOptions = {
  name: { type: 'string', required: true, description: 'Of the pinned model: "prose".' },
  texts: { type: 'object', required: true, members: textChoiceOptions, description: 'Texts to learn from.' },
  documents: { type: 'integer', default: 20_000, least: 1, description: 'Documents of the corpus, at most.' },
  buckets: { type: 'integer', otherwise: '2^20: a file of 12 MB', least: 1, description: 'A power of two.' },
} as const satisfies OptionSchema;

/** @example { name: 'prose', texts: { sources: ['book'] } } */
export type NgramTrainingOptions = OptionsOf<typeof ngramOptions> & { readonly name: string };

const choiceOf = ({ texts }: NgramTrainingOptions) => parseTextChoice(texts, 'texts');

export const ngramTraining: TrainingStage<NgramTrainingOptions> = {
  name: 'train-ngram-model',
  version: 1,
  description: 'Learns an n-gram model whose perplexity says how much a text reads like the texts named.',
  options: ngramOptions,
  artefact: ({ name }) => name,
  check(options) {
    checkOptions(ngramOptions, options, { name: 'train-ngram-model' });
    choiceOf(options);
  },
  inputs: (options) => textInputsOf([choiceOf(options)]),
  files: (options) => choiceOf(options).files,
  async train(task) {
    const { documents = 20_000, buckets } = task.options;
    const texts = await readTrainingTexts(task, choiceOf(task.options), documents);
    return encodeNgramModel(trainNgramModel(texts, { buckets }));
  },
};
