// Chooses the n-grams that tell the languages of a script apart. Every n-gram of every language's words is counted by hash;
// an n-gram is worth what knowing it says about the language (mutual information, each language weighing the same or as
// `priors` say), and keeps a weight for each language in which it is not much rarer than in its own.

import {
  mostFeatures,
  runFeatures,
  wordFeatures,
  hashBits,
} from '../../libs/detect/src/language/word-features.ts';

const flatten = 0.6; // a word's share counts to this power: rare words teach as well

export class Featurizer {
  constructor(unspaced) {
    this.features = unspaced ? runFeatures : wordFeatures;
    this.units = new Uint16Array(32);
    this.hashes = new Uint32Array(mostFeatures);
  }
  /** Fills `hashes`; returns their number. */
  of(word) {
    for (let i = 0; i < word.length; i++) this.units[i + 1] = word.charCodeAt(i);
    return this.features(this.units, word.length, this.hashes, 0);
  }
}

function countLanguage(words, featurizer, most) {
  let bits = 17;
  while (2 ** bits < Math.min(words.size * 16, 3_000_000)) bits++;
  const mask = 2 ** bits - 1;
  const keys = new Uint32Array(2 ** bits);
  const sums = new Float32Array(2 ** bits);
  let used = 0;
  let total = 0;
  for (const [word, share] of words) {
    const weight = share ** flatten;
    total += weight;
    const count = featurizer.of(word);
    for (let i = 0; i < count; i++) {
      const key = featurizer.hashes[i] + 1;
      let slot = Math.imul(key, 0x9e3779b1) >>> (32 - bits);
      while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
      if (keys[slot] === 0) {
        if (used > mask * 0.8) continue;
        used++;
        keys[slot] = key;
      }
      sums[slot] += weight;
    }
  }
  const found = [];
  for (let slot = 0; slot <= mask; slot++) if (keys[slot] !== 0) found.push(slot);
  const values = Float32Array.from(found, (slot) => sums[slot]).sort();
  const least = found.length > most ? values[found.length - most] : 0;
  return { keys, sums, kept: found.filter((slot) => sums[slot] >= least), total };
}

/** The most common n-grams of each language as one list sorted by hash: composite numbers of hash, language, log share. */
function countAll(languages, featurizer, mostOfOne) {
  const parts = [];
  for (const [index, { words }] of languages.entries()) {
    const { keys, sums, kept, total } = countLanguage(words, featurizer, mostOfOne);
    parts.push(
      Float64Array.from(kept, (slot) => {
        const level = Math.max(0, Math.min(65535, Math.round((Math.log(sums[slot] / total) + 24) * 2048)));
        return ((keys[slot] - 1) * 128 + index) * 65536 + level;
      }),
    );
  }
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.sort();
}

/**
 * @returns hashes ascending, with `starts` into `owners` and `shares` (log share of the n-gram among a language's words)
 */
export function selectFeatures(languages, featurizer, { priors, most, mostOfOne = 150_000, ratio = 4 }) {
  const all = countAll(languages, featurizer, mostOfOne);
  const hashOf = (value) => Math.floor(value / (128 * 65536));
  const count = languages.length;
  const floor = Float64Array.from(languages, ({ words }) => 0.3 / Math.max(2000, words.size));
  const worth = [];
  const allPriors = priors.reduce((sum, prior) => sum + prior, 0);
  for (let from = 0; from < all.length;) {
    const hash = hashOf(all[from]);
    let to = from;
    let mean = 0;
    for (; to < all.length && hashOf(all[to]) === hash; to++) {
      const index = Math.floor(all[to] / 65536) % 128;
      mean += priors[index] * Math.exp((all[to] % 65536) / 2048 - 24);
    }
    mean /= allPriors;
    let value = 0;
    for (let i = from; i < to; i++) {
      const index = Math.floor(all[i] / 65536) % 128;
      const share = Math.exp((all[i] % 65536) / 2048 - 24);
      value += priors[index] * share * Math.log(share / (mean + 1e-7));
    }
    worth.push({ from, to, value });
    from = to;
  }
  worth.sort((a, b) => b.value - a.value);
  const chosen = worth.slice(0, most).sort((a, b) => a.from - b.from);
  const hashes = Uint32Array.from(chosen, ({ from }) => hashOf(all[from]));
  const starts = new Uint32Array(chosen.length + 1);
  const owners = [];
  const shares = [];
  for (const [row, { from, to }] of chosen.entries()) {
    let greatest = -Infinity;
    for (let i = from; i < to; i++) greatest = Math.max(greatest, all[i] % 65536);
    for (let i = from; i < to; i++) {
      const level = all[i] % 65536;
      if (level < greatest - ratio * 2048) continue;
      owners.push(Math.floor(all[i] / 65536) % 128);
      shares.push(level / 2048 - 24);
    }
    starts[row + 1] = owners.length;
  }
  return {
    hashes,
    starts,
    owners: Uint8Array.from(owners),
    shares: Float32Array.from(shares),
    floor,
    count,
    hashBits,
  };
}
