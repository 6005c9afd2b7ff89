// Makes a trained script smaller: fits on for a while to see which n-grams are met, drops the weights that move least, and
// fits what is left once more.
//   node scripts/language-model/tighten.mjs WORK SCRIPT MOST
// MOST: weights to keep. WORK/weights/SCRIPT.json, which train.mjs wrote, is replaced: run it once after each training.

import { descend } from './descend.mjs';
import { unspacedScripts } from '../../libs/detect/src/language/word-features.ts';
import { prune } from './prune.mjs';
import { Featurizer } from './select-features.mjs';
import { priorsOf, readLanguages } from './training-data.mjs';
import { readWeights, scale, writeWeights } from './weights-file.mjs';

const [work, script, most] = process.argv.slice(2);
const mostCharacters = 400_000;
const samplesToCount = 150_000;
const samplesToFit = 450_000;

const saved = readWeights(work, script);
const wanted = new Set(saved.languages);
const languages = readLanguages(work, script, mostCharacters).filter(({ code }) => wanted.has(code));
if (languages.map(({ code }) => code).join() !== saved.languages.join())
  throw new Error('the languages of the weights are not those of the text');
const unspaced = unspacedScripts.has(script);
const featurizer = new Featurizer(unspaced);
const settings = { priors: priorsOf(script, languages), unspaced, rate: 0.05 };

const starts = new Uint32Array(saved.counts.length + 1);
for (const [row, count] of saved.counts.entries()) starts[row + 1] = starts[row] + count;
const features = {
  hashes: Uint32Array.from(saved.hashes),
  starts,
  owners: Uint8Array.from(saved.owners),
};
const uses = new Float32Array(saved.counts.length).fill(1);
const fitted = descend(features, languages, featurizer, {
  ...settings,
  samples: samplesToCount,
  weights: Float32Array.from(saved.weights, (value) => value / scale),
  bias: Float32Array.from(saved.bias, (value) => value / scale),
  seed: 9,
  uses,
});
const worth = new Float32Array(fitted.weights.length);
for (let row = 0; row < uses.length; row++)
  for (let e = starts[row]; e < starts[row + 1]; e++)
    worth[e] = Math.abs(fitted.weights[e]) * uses[row] ** 0.25;
const kept = prune(features, fitted.weights, worth, Number(most));
const { weights, bias } = descend(kept.features, languages, featurizer, {
  ...settings,
  samples: samplesToFit,
  weights: kept.weights,
  bias: fitted.bias,
  seed: 10,
});
writeWeights(work, script, { languages, features: kept.features, weights, bias });
