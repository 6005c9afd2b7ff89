// Learns the topics of a corpus from a sample of its own documents: clusters of hashed words (libs/detect, topics).

import type { JsonObject } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeTopics, trainTopics } from '@gristmill/detect';
import { checkNames } from '../stage-options.ts';
import { readTrainingTexts, textInputsOf } from './training-texts.ts';

export interface TopicTrainingOptions extends JsonObject {
  /** How many. Default 32. */
  readonly topics?: number;
  /** Documents of the sample. Default 10,000. */
  readonly documents?: number;
  readonly seed?: number;
}

const everything = { files: [], sources: ['*'] };

export const topicTraining: TrainingStage<TopicTrainingOptions> = {
  name: 'train-topics',
  version: 1,
  artefact: 'topics',
  check: (options) => checkNames(options, 'train-topics', ['topics', 'documents', 'seed']),
  inputs: () => textInputsOf([everything]),
  async train(task) {
    const { topics = 32, documents = 10_000, seed = 1 } = task.options;
    const texts = await readTrainingTexts(task, everything, documents);
    return encodeTopics(trainTopics(texts, { topics, seed }));
  },
};
