// The learned judge of blocks: boosted decision trees (Friedman 2001) over the features of page-features.ts. Leaves are
// integers (log-odds × 10,000), so a score is an exact sum. The trees are made by scripts/content-classifier and
// refused when their features are not the ones computed here.

import { readFileSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { featureCount, featureNames } from './feature-names.ts';

interface ContentModel {
  readonly features: readonly string[];
  /** First node of each tree; below 0 the tree is one leaf. */
  readonly roots: readonly number[];
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  /** Next node where the feature is at most the threshold; −1 − k is leaf k. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly leaf: readonly number[];
}

const model = loadModel();
const roots = Int32Array.from(model.roots);
const feature = Int32Array.from(model.feature);
const threshold = Float64Array.from(model.threshold);
const children = Int32Array.from(model.left.flatMap((left, i) => [left, model.right[i]]));
const leaf = Int32Array.from(model.leaf);

function loadModel(): ContentModel {
  const found = JSON.parse(
    readFileSync(new URL('./content-model.json', import.meta.url), 'utf8'),
  ) as ContentModel;
  if (found.features.join() !== featureNames.join()) {
    throw new DataError(
      'model-mismatch',
      'the content model was trained on other features than this version computes',
      'train it again with scripts/content-classifier',
    );
  }
  return found;
}

/** Scores of all rows of `computeFeatures`: log-odds × 10,000 of being content; above 0 is more likely than not. */
export function scoreBlocks(rows: Float32Array): Int32Array {
  const scores = new Int32Array(rows.length / featureCount);
  for (let i = 0; i < scores.length; i++) scores[i] = scoreRow(rows, i * featureCount);
  return scores;
}

function scoreRow(rows: Float32Array, at: number): number {
  let sum = 0;
  for (let t = 0; t < roots.length; t++) {
    let node = roots[t];
    while (node >= 0) node = children[2 * node + (rows[at + feature[node]] <= threshold[node] ? 0 : 1)];
    sum += leaf[-1 - node];
  }
  return sum;
}
