// Topics as clusters: spherical k-means (Dhillon and Modha 2001) over hashed TF-IDF vectors, seeded by k-means++ (Arthur
// and Vassilvitskii 2007). Seeded, in one order, exact arithmetic: the file is a function of texts and options. A topic
// is named by the words that weigh most in it; whether it is a sensible topic is for a person to see.

import { createRandom, DataError } from '@gristmill/core';
import { segmentWords, wordStrings } from '@gristmill/text';
import { decodeLearned, encodeLearned } from './learned-file.ts';
import { FeatureList, readFeatures, type FeatureOptions } from './text-features.ts';

export interface TopicOptions {
  readonly topics: number;
  /** Power of two: dimensions of the hashed vectors. */
  readonly buckets: number;
  readonly maxWords: number;
  readonly rounds: number;
  readonly seed: number;
}

export const topicDefaults: TopicOptions = {
  topics: 32,
  buckets: 1 << 13,
  maxWords: 2000,
  rounds: 12,
  seed: 1,
};

export interface TopicModel {
  readonly features: FeatureOptions;
  readonly topics: number;
  /** By topic: its heaviest words, heaviest first. */
  readonly names: readonly (readonly string[])[];
  /** First the inverse document frequencies by bucket, then each topic's centroid, of length 1. */
  readonly numbers: Float32Array;
}

interface Sparse {
  readonly buckets: Uint32Array;
  readonly weights: Float64Array;
}

const list = new FeatureList();
const kind = 'topics';

/** @throws DataError when there are fewer texts than topics */
export function trainTopics(texts: readonly string[], options: Partial<TopicOptions> = {}): TopicModel {
  const settings = { ...topicDefaults, ...options };
  if (texts.length < settings.topics) {
    throw new DataError(
      'too-few-texts',
      `${texts.length} texts cannot make ${settings.topics} topics`,
      'ask for fewer topics or give more texts',
    );
  }
  const features = { buckets: settings.buckets, maxWords: settings.maxWords, wordNgrams: 1 };
  const idf = inverseFrequencies(texts, features);
  const vectors = texts.map((text) => vectorOf(text, features, idf));
  const centroids = chooseCentroids(vectors, settings);
  let assigned = vectors.map((vector) => nearest(vector, centroids).topic);
  for (let round = 0; round < settings.rounds; round++) {
    recenter(centroids, vectors, assigned);
    const next = vectors.map((vector) => nearest(vector, centroids).topic);
    if (next.every((topic, i) => topic === assigned[i])) break;
    assigned = next;
  }
  const numbers = new Float32Array(settings.buckets * (settings.topics + 1));
  numbers.set(idf);
  centroids.forEach((centroid, t) => numbers.set(centroid, (t + 1) * settings.buckets));
  return { features, topics: settings.topics, names: nameTopics(texts, centroids, idf, features), numbers };
}

/** ln is replaced by the square root of N / df, which needs no Math.log and damps about as much for N below 10^6. */
function inverseFrequencies(texts: readonly string[], features: FeatureOptions): Float64Array {
  const counts = new Float64Array(features.buckets);
  const seen = new Int32Array(features.buckets).fill(-1);
  texts.forEach((text, t) => {
    readFeatures(text, features, list);
    for (let f = 0; f < list.count; f++) {
      const bucket = list.buckets[f];
      if (seen[bucket] === t) continue;
      seen[bucket] = t;
      counts[bucket]++;
    }
  });
  // A word in more than a third of all texts says nothing about the topic; one in a single text neither.
  return counts.map((count) =>
    count > 1 && count <= Math.max(2, texts.length / 3) ? Math.sqrt(Math.sqrt(texts.length / count)) : 0,
  );
}

function vectorOf(text: string, features: FeatureOptions, idf: ArrayLike<number>): Sparse {
  readFeatures(text, features, list);
  const sorted = list.buckets.slice(0, list.count).sort();
  const buckets: number[] = [];
  const weights: number[] = [];
  let norm = 0;
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (end < sorted.length && sorted[end] === sorted[i]) end++;
    const weight = Math.sqrt(end - i) * idf[sorted[i]];
    if (weight > 0) {
      buckets.push(sorted[i]);
      weights.push(weight);
      norm += weight * weight;
    }
    i = end;
  }
  const scale = norm > 0 ? 1 / Math.sqrt(norm) : 0;
  return {
    buckets: Uint32Array.from(buckets),
    weights: Float64Array.from(weights, (weight) => weight * scale),
  };
}

type Centroid = Float64Array | Float32Array;

function nearest(vector: Sparse, centroids: readonly Centroid[]): { topic: number; similarity: number } {
  let topic = 0;
  let similarity = -1;
  for (let t = 0; t < centroids.length; t++) {
    let sum = 0;
    for (let f = 0; f < vector.buckets.length; f++)
      sum += vector.weights[f] * centroids[t][vector.buckets[f]];
    if (sum > similarity) {
      topic = t;
      similarity = sum;
    }
  }
  return { topic, similarity };
}

/** k-means++: each next centre is drawn with the square of its distance to the nearest so far. */
function chooseCentroids(
  vectors: readonly Sparse[],
  { topics, buckets, seed }: TopicOptions,
): Float64Array[] {
  const random = createRandom(seed);
  const dense = (vector: Sparse): Float64Array => {
    const centroid = new Float64Array(buckets);
    vector.buckets.forEach((bucket, f) => (centroid[bucket] = vector.weights[f]));
    return centroid;
  };
  const centroids = [dense(vectors[Math.floor(random() * vectors.length)])];
  const distance = new Float64Array(vectors.length).fill(Infinity);
  while (centroids.length < topics) {
    const latest = [centroids[centroids.length - 1]];
    let total = 0;
    vectors.forEach((vector, v) => {
      const away = Math.max(0, 1 - nearest(vector, latest).similarity);
      distance[v] = Math.min(distance[v], away * away);
      total += distance[v];
    });
    let draw = random() * total;
    let chosen = 0;
    while (chosen < vectors.length - 1 && (draw -= distance[chosen]) > 0) chosen++;
    centroids.push(dense(vectors[chosen]));
  }
  return centroids;
}

/** The mean direction of each topic's texts; a topic without texts keeps its centroid. */
function recenter(centroids: Float64Array[], vectors: readonly Sparse[], assigned: readonly number[]): void {
  const sums = centroids.map((centroid) => new Float64Array(centroid.length));
  vectors.forEach((vector, v) => {
    const sum = sums[assigned[v]];
    for (let f = 0; f < vector.buckets.length; f++) sum[vector.buckets[f]] += vector.weights[f];
  });
  sums.forEach((sum, t) => {
    let norm = 0;
    for (const value of sum) norm += value * value;
    if (norm > 0) centroids[t] = sum.map((value) => value / Math.sqrt(norm));
  });
}

const nameLength = 6;

/** The words of the training texts whose bucket weighs most; the commonest word stands for its bucket. */
function nameTopics(
  texts: readonly string[],
  centroids: readonly Float64Array[],
  idf: Float64Array,
  features: FeatureOptions,
): string[][] {
  const words = new Map<string, number>();
  for (const text of texts) {
    for (const word of wordStrings(text.slice(0, 4000), segmentWords(text.slice(0, 4000)))) {
      if (/^\p{L}[\p{L}\p{M}]+$/u.test(word))
        words.set(word.toLowerCase(), (words.get(word.toLowerCase()) ?? 0) + 1);
    }
  }
  const byBucket = new Map<number, string>();
  const ordered = [...words].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  for (const [word] of ordered) {
    readFeatures(word, features, list);
    if (list.count === 1 && idf[list.buckets[0]] > 0 && !byBucket.has(list.buckets[0]))
      byBucket.set(list.buckets[0], word);
  }
  return centroids.map((centroid) =>
    [...byBucket]
      .sort((a, b) => centroid[b[0]] - centroid[a[0]] || a[0] - b[0])
      .slice(0, nameLength)
      .map(([, word]) => word),
  );
}

/** The topic nearest to a text, and the cosine of the angle to its centroid (0 to 1). */
export function assignTopic(model: TopicModel, text: string): { topic: number; similarity: number } {
  const { buckets } = model.features;
  const centroids = Array.from({ length: model.topics }, (_, t) =>
    model.numbers.subarray((t + 1) * buckets, (t + 2) * buckets),
  );
  return nearest(vectorOf(text, model.features, model.numbers.subarray(0, buckets)), centroids);
}

export function encodeTopics({ features, topics, names, numbers }: TopicModel): Uint8Array {
  return encodeLearned({ kind, header: { features: { ...features }, topics, names }, numbers });
}

export function decodeTopics(bytes: Uint8Array): TopicModel {
  const { header, numbers } = decodeLearned(bytes, kind);
  return {
    features: header.features as unknown as FeatureOptions,
    topics: Number(header.topics),
    names: header.names as unknown as string[][],
    numbers,
  };
}
