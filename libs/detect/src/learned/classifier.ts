// A text classifier in the manner of fastText (Joulin et al. 2017): softmax over the mean of hashed word n-grams' weights,
// trained by stochastic gradient descent with AdaGrad steps (Duchi et al. 2011). One layer instead of fastText's two: for
// few classes the product of its matrices is such a layer. Training is seeded, in one thread and one order, and exact
// arithmetic makes the file a function of examples and options. It does not choose its own options.

import { createRandom, DataError, shuffle } from '@gristmill/core';
import { softmax } from './exact-math.ts';
import { FeatureList, readFeatures, type FeatureOptions } from './text-features.ts';

export interface Example {
  readonly text: string;
  readonly label: string;
}

export interface ClassifierOptions extends FeatureOptions {
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
}

export const classifierDefaults: ClassifierOptions = {
  buckets: 1 << 17,
  wordNgrams: 2,
  maxWords: 4000,
  epochs: 5,
  learningRate: 0.5,
  seed: 1,
};

export interface Classifier {
  /** Sorted by code units; probabilities come in this order. */
  readonly labels: readonly string[];
  readonly features: FeatureOptions;
  /** Bucket b and label l at b · labels + l; the last row is the bias. */
  readonly weights: Float32Array;
}

const list = new FeatureList();

/**
 * Trains on examples of two or more labels; classes of different size count alike. Deterministic.
 * @throws DataError when fewer than two labels have examples
 */
export function trainClassifier(
  examples: Iterable<Example>,
  options: Partial<ClassifierOptions> = {},
): Classifier {
  const settings = { ...classifierDefaults, ...options };
  const read = readExamples(examples, settings);
  const labels = [...new Set(read.map(({ label }) => label))].sort();
  if (labels.length < 2) {
    throw new DataError(
      'too-few-labels',
      `a classifier needs examples of two labels, and there are ${labels.length}`,
      'give texts for both sides, for example --positive good.jsonl --negative bad.jsonl',
    );
  }
  const { buckets, wordNgrams, maxWords } = settings;
  const model: Classifier = {
    labels,
    features: { buckets, wordNgrams, maxWords },
    weights: new Float32Array((buckets + 1) * labels.length),
  };
  descend(model, read, settings);
  return model;
}

interface ReadExample {
  readonly buckets: Uint32Array;
  readonly label: string;
}

function readExamples(examples: Iterable<Example>, options: FeatureOptions): ReadExample[] {
  const read: ReadExample[] = [];
  for (const { text, label } of examples) {
    readFeatures(text, options, list);
    if (list.count > 0) read.push({ buckets: list.buckets.slice(0, list.count), label });
  }
  return read;
}

function descend(model: Classifier, examples: readonly ReadExample[], options: ClassifierOptions): void {
  const { labels, weights } = model;
  const squares = new Float32Array(weights.length);
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  const random = createRandom(options.seed);
  const order = examples.map((_, i) => i);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    for (const index of shuffle(order, random)) {
      const { buckets, label } = examples[index];
      const balance = examples.length / (labels.length * (counts.get(label) ?? 1));
      const gradient = probabilities(model, buckets, buckets.length);
      gradient[labels.indexOf(label)] -= 1;
      for (let l = 0; l < labels.length; l++) {
        stepAll(weights, squares, buckets, {
          label: l,
          of: labels.length,
          gradient: gradient[l] * balance,
          options,
        });
      }
    }
  }
}

interface Step {
  readonly label: number;
  readonly of: number;
  readonly gradient: number;
  readonly options: ClassifierOptions;
}

/** One AdaGrad step for every feature of an example and for the bias. */
function stepAll(weights: Float32Array, squares: Float32Array, buckets: Uint32Array, step: Step): void {
  const rate = step.options.learningRate;
  // The mean's gradient is 1/n for each feature; 1/sqrt(n) keeps long and short texts comparable under AdaGrad.
  const each = step.gradient / Math.sqrt(buckets.length);
  for (let f = 0; f < buckets.length; f++) {
    const at = buckets[f] * step.of + step.label;
    squares[at] += each * each;
    weights[at] -= (rate * each) / Math.sqrt(squares[at] + 1e-6);
  }
  const bias = step.options.buckets * step.of + step.label;
  squares[bias] += step.gradient * step.gradient;
  weights[bias] -= (rate * 0.1 * step.gradient) / Math.sqrt(squares[bias] + 1e-6);
}

function probabilities(model: Classifier, buckets: Uint32Array, count: number): Float64Array {
  const { labels, weights, features } = model;
  const scores = new Float64Array(labels.length);
  const scale = count > 0 ? 1 / Math.sqrt(count) : 0;
  for (let l = 0; l < labels.length; l++) {
    let sum = 0;
    for (let f = 0; f < count; f++) sum += weights[buckets[f] * labels.length + l];
    scores[l] = sum * scale + weights[features.buckets * labels.length + l];
  }
  return softmax(scores);
}

/** The probability of each label, in the order of `classifier.labels`. */
export function classify(classifier: Classifier, text: string): Float64Array {
  readFeatures(text, classifier.features, list);
  return probabilities(classifier, list.buckets, list.count);
}

/** The probability of one label in thousandths: an integer, so that it can break ties. */
export function scoreText(classifier: Classifier, text: string, label = 'positive'): number {
  return Math.round(classify(classifier, text)[classifier.labels.indexOf(label)] * 1000);
}
