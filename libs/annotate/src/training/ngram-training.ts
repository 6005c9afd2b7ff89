// Learns an n-gram model whose perplexity says how much a text reads like the texts that the recipe names.

import { DataError, type Json, type JsonObject } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeNgramModel, trainNgramModel } from '@gristmill/detect';
import { checkNames } from '../stage-options.ts';
import { parseTextChoice, readTrainingTexts, textInputsOf } from './training-texts.ts';

/** @example { name: 'prose', texts: { sources: ['book'] } } */
export interface NgramTrainingOptions extends JsonObject {
  /** Of the pinned model. */
  readonly name: string;
  /** {files?, sources?}. */
  readonly texts: Json;
  /** Documents of the corpus. Default 20,000. */
  readonly documents?: number;
  /** Power of two. Default 2^20: a file of 12 MB. */
  readonly buckets?: number;
}

const choiceOf = ({ texts }: NgramTrainingOptions) => parseTextChoice(texts, 'texts');

export const ngramTraining: TrainingStage<NgramTrainingOptions> = {
  name: 'train-ngram-model',
  version: 1,
  artefact: ({ name }) => name,
  check(options) {
    checkNames(options, 'train-ngram-model', ['name', 'texts', 'documents', 'buckets']);
    if (typeof options.name !== 'string')
      throw new DataError('bad-option', 'train-ngram-model has no name', 'name the model: {name: "prose"}');
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
