// The likeliest label of a pinned classifier, for columns that name one kind a document: its topic, its genre.

import { classify, decodeClassifier } from '@gristmill/detect';

export interface BestLabel {
  readonly label: string;
  /** Its probability in thousandths. */
  readonly score: number;
}

/** @param bytes a file of `gristmill train-classifier` or of `classifierTraining`; of equal labels the first counts */
export function createLabeller(bytes: Uint8Array): (text: string) => BestLabel {
  const classifier = decodeClassifier(bytes);
  return (text) => {
    const probabilities = classify(classifier, text);
    const best = probabilities.indexOf(Math.max(...probabilities));
    return { label: classifier.labels[best], score: Math.round(probabilities[best] * 1000) };
  };
}
