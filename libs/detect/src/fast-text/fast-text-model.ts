// Reads classifiers of fastText (Joulin et al. 2017), whole (.bin) or quantised (.ftz): lid.176, GlotLID, or one of a user's
// own. Softmax, hierarchical softmax, negative sampling and one-versus-all; sums in float32 as fastText does. It does not
// train them, and word vectors without labels are refused.

import { DataError } from '@gristmill/core';
import { exactExp } from '../learned/exact-math.ts';
import { ByteReader } from './byte-reader.ts';
import { canonicalLanguage } from './canonical-language.ts';
import { readDictionary } from './dictionary.ts';
import { readMatrix, readQuantizedMatrix, type Matrix } from './matrix.ts';

export interface FastTextPrediction {
  /** Without the prefix `__label__`. */
  readonly label: string;
  /** The label as an ISO code, where it is one. */
  readonly language: string | undefined;
  readonly probability: number;
}

export interface FastTextModel {
  readonly labels: readonly string[];
  /** The likeliest label of a text, line ends read as spaces; undefined = nothing in it is known. */
  predict(text: string): FastTextPrediction | undefined;
}

const magic = 793712314;
const hierarchicalSoftmax = 1;
const softmaxLoss = 3;

/**
 * @throws DataError for bytes that are no fastText classifier of format version 12
 * @example decodeFastText(readFileSync('lid.176.ftz')).predict('Guten Morgen')?.label // 'de'
 */
export function decodeFastText(bytes: Uint8Array): FastTextModel {
  const reader = new ByteReader(bytes);
  if (bytes.length < 8 || reader.int32() !== magic || reader.int32() !== 12)
    throw new DataError(
      'fast-text-model',
      'this is no fastText model of version 12',
      'give a .bin or .ftz file',
    );
  const numbers = Array.from({ length: 12 }, () => reader.int32());
  const [dimension, , , , , wordNgrams, loss, , bucket, minn, maxn] = numbers;
  reader.skip(8);
  const dictionary = readDictionary(reader, { wordNgrams, bucket, minn, maxn });
  const isQuantized = reader.byte() !== 0;
  const input = isQuantized ? readQuantizedMatrix(reader) : readMatrix(reader);
  const isOutputQuantized = reader.byte() !== 0;
  const output = isQuantized && isOutputQuantized ? readQuantizedMatrix(reader) : readMatrix(reader);
  const labels = dictionary.labels.map((label) => label.replace(/^__label__/, ''));
  const choose =
    loss === hierarchicalSoftmax
      ? chooseByTree(output, buildTree(dictionary.labelCounts))
      : chooseByScores(output, labels.length, loss === softmaxLoss);
  const hidden = new Float32Array(dimension);
  return {
    labels,
    predict(text) {
      const rows = dictionary.features(text);
      if (rows.length === 0) return undefined;
      hidden.fill(0);
      for (const row of rows) input.addRow(row, hidden);
      const share = Math.fround(1 / rows.length);
      for (let i = 0; i < dimension; i++) hidden[i] *= share;
      const { index, probability } = choose(hidden);
      return { label: labels[index], language: canonicalLanguage(labels[index]), probability };
    },
  };
}

type Choose = (hidden: Float32Array) => { index: number; probability: number };

const sigmoid = (x: number): number => 1 / (1 + exactExp(-x));

function chooseByScores(output: Matrix, count: number, isSoftmax: boolean): Choose {
  const scores = new Float32Array(count);
  return (hidden) => {
    let index = 0;
    for (let i = 0; i < count; i++) {
      scores[i] = output.dotRow(i, hidden);
      if (scores[i] > scores[index]) index = i;
    }
    if (!isSoftmax) return { index, probability: sigmoid(scores[index]) };
    let sum = 0;
    for (let i = 0; i < count; i++) sum += exactExp(scores[i] - scores[index]);
    return { index, probability: 1 / sum };
  };
}

/** Inner nodes are numbered from the number of labels on. */
interface Tree {
  readonly labels: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** Huffman's tree over the labels, which stand in descending order of their counts. */
function buildTree(counts: readonly number[]): Tree {
  const labels = counts.length;
  const sums = new Float64Array(2 * labels).fill(1e15);
  sums.set(counts);
  const left = new Int32Array(2 * labels).fill(-1);
  const right = new Int32Array(2 * labels).fill(-1);
  let leaf = labels - 1;
  let node = labels;
  const takeLeast = (): number => (leaf >= 0 && sums[leaf] < sums[node] ? leaf-- : node++);
  for (let i = labels; i < 2 * labels - 1; i++) {
    left[i] = takeLeast();
    right[i] = takeLeast();
    sums[i] = sums[left[i]] + sums[right[i]];
  }
  return { labels, left, right };
}

function chooseByTree(output: Matrix, tree: Tree): Choose {
  const { labels, left, right } = tree;
  return (hidden) => {
    let index = 0;
    let probability = -1;
    const stack: [number, number][] = [[2 * labels - 2, 1]];
    while (stack.length > 0) {
      const [node, belief] = stack.pop()!;
      if (belief <= probability) continue;
      if (left[node] < 0) {
        index = node;
        probability = belief;
        continue;
      }
      const share = sigmoid(output.dotRow(node - labels, hidden));
      stack.push([right[node], belief * (share + 1e-5)], [left[node], belief * (1 - share + 1e-5)]);
    }
    return { index, probability: Math.min(1, probability) };
  };
}
