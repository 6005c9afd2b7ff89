// A classifier as bytes that a recipe pins.

import { decodeLearned, encodeLearned } from './learned-file.ts';
import type { Classifier } from './classifier.ts';
import type { FeatureOptions } from './text-features.ts';

const kind = 'classifier';

export function encodeClassifier({ labels, features, weights }: Classifier): Uint8Array {
  return encodeLearned({ kind, header: { labels, features: { ...features } }, numbers: weights });
}

export function decodeClassifier(bytes: Uint8Array): Classifier {
  const { header, numbers } = decodeLearned(bytes, kind);
  return {
    labels: header.labels as unknown as string[],
    features: header.features as unknown as FeatureOptions,
    weights: numbers,
  };
}
