// Learns the topics of a corpus from a sample of its own documents: clusters of hashed words (libs/detect, topics).

import { checkOptions, resolveOptions, type OptionSchema, type OptionsOf } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeTopics, trainTopics } from '@gristmill/detect';
import { readTrainingTexts, textInputsOf } from './training-texts.ts';

const topicOptions = {
  topics: { type: 'integer', default: 32, least: 1, description: 'How many.' },
  documents: { type: 'integer', default: 10_000, least: 1, description: 'Documents of the sample.' },
  seed: { type: 'integer', default: 1, description: 'Of the first centres.' },
} as const satisfies OptionSchema;

export type TopicTrainingOptions = OptionsOf<typeof topicOptions>;

const owner = { name: 'train-topics' };
const everything = { files: [], sources: ['*'] };

export const topicTraining: TrainingStage<TopicTrainingOptions> = {
  name: 'train-topics',
  version: 1,
  description: 'Learns topics from a sample of the corpus without labels, and pins them.',
  options: topicOptions,
  artefact: 'topics',
  check: (options) => checkOptions(topicOptions, options, owner),
  inputs: () => textInputsOf([everything]),
  async train(task) {
    const { topics, documents, seed } = resolveOptions(topicOptions, task.options, owner);
    const texts = await readTrainingTexts(task, everything, documents);
    return encodeTopics(trainTopics(texts, { topics, seed }));
  },
};
