// Trains the language model from gathered text (collect.mjs) and word lists.
//   node scripts/language-model/train.mjs WORK OUT [SCRIPT…] [--effort 0.5]
// WORK holds text/, packages (x/) and wordfreq's lists. A script's finished weights are kept in WORK/weights, so that one
// script can be trained anew alone; OUT is put together from all.

import { mkdirSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { encodeLanguageModel } from '../../libs/detect/src/language/language-model.ts';
import { descend } from './descend.mjs';
import { unspacedScripts } from '../../libs/detect/src/language/word-features.ts';
import { isMinor, languageSets, languagesOf } from './language-sets.mjs';
import { Featurizer, selectFeatures } from './select-features.mjs';
import { dropQuotations, WordSources } from './word-counts.mjs';

const { values, positionals } = parseArgs({
  options: { effort: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [work, out, ...only] = positionals;
const effort = Number(values.effort);
const scale = 6; // weights in the file per natural logarithm
const budgets = {
  Latn: { most: 450_000, mostWeights: 1_900_000, samples: 2_500_000 },
  Cyrl: { most: 90_000, mostWeights: 200_000, samples: 1_000_000 },
  Arab: { most: 40_000, mostWeights: 80_000, samples: 500_000 },
};
const usual = { most: 15_000, samples: 200_000 };
const leastRunning = 500;

let sources;
function trainScript(script) {
  sources ??= new WordSources({
    text: join(work, 'text'),
    packages: join(work, 'x'),
    frequencies: join(work, 'pypi/x/wordfreq/wordfreq/data'),
    mostCharacters: 1_000_000,
  });
  const unspaced = unspacedScripts.has(script);
  const languages = languagesOf(script)
    .map((code) => ({ code, ...sources.of(code, script) }))
    .filter(({ code, running, words }) => {
      console.error(`  ${code}: ${running} running words, ${words.size} words`);
      return running >= leastRunning;
    });
  dropQuotations(languages, (code) => !isMinor(script, code));
  const priors = languages.map(({ code }) => (isMinor(script, code) ? 0.25 : 1));
  const featurizer = new Featurizer(unspaced);
  const { most, samples, mostWeights = Infinity } = budgets[script] ?? usual;
  const began = process.cpuUsage().user;
  const features = selectFeatures(languages, featurizer, { priors, most, mostOfOne: 160_000 });
  console.error(
    `${script}: ${languages.length} languages, ${features.hashes.length} n-grams, ${features.owners.length} weights, ${(process.cpuUsage().user - began) / 1e6} s`,
  );
  const settings = { priors, unspaced };
  const first = descend(features, languages, featurizer, { ...settings, samples: samples * effort });
  const kept = prune(features, first.weights, mostWeights);
  const { weights, bias } = descend(kept.features, languages, featurizer, {
    ...settings,
    samples: samples * effort * 0.4,
    weights: kept.weights,
    bias: first.bias,
    seed: 8,
    rate: 0.1,
  });
  console.error(`${script}: ${(process.cpuUsage().user - began) / 1e6} s`);
  return quantise(script, languages, kept.features, weights, bias);
}

/** Keeps the weights that move most belief: great ones, of n-grams that are not too rare. */
function prune({ hashes, starts, owners, shares, floor }, weights, most) {
  const worth = Float32Array.from(weights, (weight, e) => Math.abs(weight) * Math.exp(0.25 * shares[e]));
  const least = worth.length > most ? worth.slice().sort()[worth.length - most] : 0;
  const rows = [];
  const entries = [];
  const newStarts = [0];
  for (let row = 0; row < hashes.length; row++) {
    for (let e = starts[row]; e < starts[row + 1]; e++) if (worth[e] >= least) entries.push(e);
    if (entries.length === newStarts[newStarts.length - 1]) continue;
    rows.push(row);
    newStarts.push(entries.length);
  }
  return {
    features: {
      hashes: Uint32Array.from(rows, (row) => hashes[row]),
      starts: Uint32Array.from(newStarts),
      owners: Uint8Array.from(entries, (e) => owners[e]),
      shares: Float32Array.from(entries, (e) => shares[e]),
      floor,
    },
    weights: Float32Array.from(entries, (e) => weights[e]),
  };
}

/** Drops the least weights of a finished script until at most so many are left. */
function thin(saved, most) {
  if (saved.weights.length <= most) return saved;
  const sizes = new Uint32Array(129);
  for (const weight of saved.weights) sizes[Math.abs(weight)]++;
  let least = 0;
  for (let left = saved.weights.length; left > most; least++) left -= sizes[least];
  const result = { ...saved, hashes: [], counts: [], owners: [], weights: [] };
  let entry = 0;
  for (const [row, all] of saved.counts.entries()) {
    let count = 0;
    for (const end = entry + all; entry < end; entry++) {
      if (Math.abs(saved.weights[entry]) < least) continue;
      result.owners.push(saved.owners[entry]);
      result.weights.push(saved.weights[entry]);
      count++;
    }
    if (count === 0) continue;
    result.hashes.push(saved.hashes[row]);
    result.counts.push(count);
  }
  return result;
}

/** Whole numbers; weights that became 0 go, n-grams without weights go. */
function quantise(script, languages, features, weights, bias) {
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
  return result;
}

mkdirSync(join(work, 'weights'), { recursive: true });
const scripts = Object.keys(languageSets).flatMap((script) => {
  const path = join(work, 'weights', `${script}.json`);
  if (only.length > 0 && !only.includes(script) && !existsSync(path)) return [];
  if (!existsSync(path) || only.includes(script)) writeFileSync(path, JSON.stringify(trainScript(script)));
  const saved = thin(JSON.parse(readFileSync(path, 'utf8')), budgets[script]?.mostWeights ?? Infinity);
  return {
    ...saved,
    hashes: Uint32Array.from(saved.hashes),
    counts: Uint8Array.from(saved.counts),
    owners: Uint8Array.from(saved.owners),
    weights: Int8Array.from(saved.weights),
  };
});
const { head, body } = encodeLanguageModel({ scale, scripts });
const packed = brotliCompressSync(body, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  },
});
writeFileSync(out, Buffer.concat([head, packed]));
console.error(`${out}: ${head.length + packed.length} bytes`);
