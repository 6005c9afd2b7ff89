// The weights of one script between the steps: whole numbers, as JSON in WORK/weights.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Weights in the file per natural logarithm. */
export const scale = 6;

const pathOf = (work, script) => join(work, 'weights', `${script}.json`);

export function readWeights(work, script) {
  return JSON.parse(readFileSync(pathOf(work, script), 'utf8'));
}

/** Rounds the weights; those that become 0 go, and n-grams without weights. */
export function writeWeights(work, script, { languages, features, weights, bias }) {
  const result = {
    script,
    languages: languages.map(({ code }) => code),
    bias: [...bias].map((value) => Math.round(value * scale)),
    hashes: [],
    counts: [],
    owners: [],
    weights: [],
  };
  for (let row = 0; row < features.hashes.length; row++) {
    let count = 0;
    for (let e = features.starts[row]; e < features.starts[row + 1]; e++) {
      const value = Math.max(-127, Math.min(127, Math.round(weights[e] * scale)));
      if (value === 0) continue;
      result.owners.push(features.owners[e]);
      result.weights.push(value);
      count++;
    }
    if (count === 0) continue;
    result.hashes.push(features.hashes[row]);
    result.counts.push(count);
  }
  mkdirSync(join(work, 'weights'), { recursive: true });
  writeFileSync(pathOf(work, script), JSON.stringify(result));
}
