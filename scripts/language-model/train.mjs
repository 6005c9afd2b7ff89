// Trains the weights of each script from gathered text (collect.mjs) and word lists, and keeps them in WORK/weights.
//   node scripts/language-model/train.mjs WORK [SCRIPT…] [--effort 0.5]
// Without scripts: those that have no weights yet. Afterwards tighten.mjs, then assemble.mjs.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unspacedScripts } from '../../libs/detect/src/language/word-features.ts';
import { descend } from './descend.mjs';
import { languageSets } from './language-sets.mjs';
import { prune } from './prune.mjs';
import { Featurizer, selectFeatures } from './select-features.mjs';
import { priorsOf, readLanguages } from './training-data.mjs';
import { writeWeights } from './weights-file.mjs';

const { values, positionals } = parseArgs({
  options: { effort: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [work, ...named] = positionals;
const effort = Number(values.effort);
const budgets = {
  Latn: { most: 450_000, mostWeights: 1_900_000, samples: 3_000_000 },
  Cyrl: { most: 90_000, mostWeights: 200_000, samples: 1_000_000 },
  Arab: { most: 40_000, mostWeights: 80_000, samples: 500_000 },
};
const usual = { most: 15_000, samples: 200_000 };
const mostCharacters = 1_000_000;

function train(script) {
  const languages = readLanguages(work, script, mostCharacters);
  const unspaced = unspacedScripts.has(script);
  const priors = priorsOf(script, languages);
  const featurizer = new Featurizer(unspaced);
  const { most, samples, mostWeights = Infinity } = budgets[script] ?? usual;
  const features = selectFeatures(languages, featurizer, { priors, most, mostOfOne: 160_000 });
  console.error(
    `${script}: ${languages.length} languages, ${features.hashes.length} n-grams, ${features.owners.length} weights`,
  );
  const settings = { priors, unspaced };
  const first = descend(features, languages, featurizer, { ...settings, samples: samples * effort });
  // The weights that move most belief: great ones, of n-grams that are not too rare.
  const worth = Float32Array.from(
    first.weights,
    (weight, e) => Math.abs(weight) * Math.exp(0.25 * features.shares[e]),
  );
  const kept = prune(features, first.weights, worth, mostWeights);
  const { weights, bias } = descend(kept.features, languages, featurizer, {
    ...settings,
    samples: samples * effort * 0.4,
    weights: kept.weights,
    bias: first.bias,
    seed: 8,
    rate: 0.1,
  });
  writeWeights(work, script, { languages, features: kept.features, weights, bias });
}

const scripts = Object.keys(languageSets).filter((script) =>
  named.length > 0 ? named.includes(script) : !existsSync(join(work, 'weights', `${script}.json`)),
);
for (const script of scripts) train(script);
