// The column group of topics: which topic each document is about, and how surely. Topics are clusters that a recipe learned
// without labels (`topicTraining`), or the labels of a classifier (`classifierTraining`).

import { checkOptions, type OptionSchema, type OptionsOf, type RowStage } from '@gristmill/core';
import { assignTopic, decodeTopics } from '@gristmill/detect';
import { createLabeller } from './best-label.ts';
import { pinnedBytes } from './stage-options.ts';

const topicOptions = {
  topics: {
    type: 'string',
    default: 'topics',
    description: 'Name of the pinned clusters (`topicTraining`).',
  },
  classifier: {
    type: 'string',
    otherwise: 'clusters',
    description: 'Name of a pinned classifier whose labels are the topics.',
  },
} as const satisfies OptionSchema;

export type TopicStageOptions = OptionsOf<typeof topicOptions>;

const pinOf = ({ topics = 'topics', classifier }: TopicStageOptions): string => classifier ?? topics;

export const topicStage: RowStage<TopicStageOptions> = {
  name: 'annotate-topic',
  version: 1,
  description: 'Which topic a document is about, and how surely.',
  options: topicOptions,
  reads: ['text'],
  columns: [
    { name: 'topic', type: 'string' },
    { name: 'topicSimilarity', type: 'int32' },
  ],
  artefacts: (options) => [pinOf(options)],
  create(options, artefacts) {
    checkOptions(topicOptions, options, { name: 'annotate-topic' });
    const bytes = pinnedBytes(artefacts, pinOf(options));
    if (options.classifier !== undefined) {
      const labelOf = createLabeller(bytes);
      return (row) => {
        const { label, score } = labelOf(String(row.text ?? ''));
        return { id: row.id, topic: label, topicSimilarity: score };
      };
    }
    const model = decodeTopics(bytes);
    return (row) => {
      const { topic, similarity } = assignTopic(model, String(row.text ?? ''));
      return {
        id: row.id,
        topic: `${topic}: ${model.names[topic].slice(0, 3).join(' ')}`,
        topicSimilarity: Math.round(similarity * 1000),
      };
    };
  },
};
