// The column group of topics: the nearest cluster of a pinned topic model, by its heaviest words, and how near it is.
// The model is learned from the corpus itself by `topicTraining`.

import type { JsonObject, RowStage } from '@gristmill/core';
import { assignTopic, decodeTopics } from '@gristmill/detect';

export interface TopicStageOptions extends JsonObject {
  /** Name of the pinned topic model. */
  readonly topics?: string;
}

export const topicStage: RowStage<TopicStageOptions> = {
  name: 'annotate-topic',
  version: 1,
  reads: ['text'],
  columns: [
    { name: 'topic', type: 'string' },
    { name: 'topicSimilarity', type: 'int32' },
  ],
  artefacts: (options) => [options.topics ?? 'topics'],
  create(options, artefacts) {
    const model = decodeTopics(artefacts.get(options.topics ?? 'topics') ?? new Uint8Array());
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
