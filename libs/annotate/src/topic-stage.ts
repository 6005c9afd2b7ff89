// The column group of topics: which topic each document is about, and how surely. Topics are clusters that a recipe learned
// without labels (`topicTraining`), or the labels of a classifier (`classifierTraining`).

import type { JsonObject, RowStage } from '@gristmill/core';
import { assignTopic, decodeTopics } from '@gristmill/detect';
import { createLabeller } from './best-label.ts';
import { checkNames, pinnedBytes } from './stage-options.ts';

export interface TopicStageOptions extends JsonObject {
  /** Name of the pinned clusters. Default `topics`. */
  readonly topics?: string;
  /** Name of a pinned classifier whose labels are the topics, instead of clusters. */
  readonly classifier?: string;
}

const pinOf = ({ topics = 'topics', classifier }: TopicStageOptions): string => classifier ?? topics;

export const topicStage: RowStage<TopicStageOptions> = {
  name: 'annotate-topic',
  version: 1,
  reads: ['text'],
  columns: [
    { name: 'topic', type: 'string' },
    { name: 'topicSimilarity', type: 'int32' },
  ],
  artefacts: (options) => [pinOf(options)],
  create(options, artefacts) {
    checkNames(options, 'annotate-topic', ['topics', 'classifier']);
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
