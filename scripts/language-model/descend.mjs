// Fits the weights of chosen n-grams by stochastic descent on the logistic loss over short samples: single words, pairs,
// and runs of up to eight words, each drawn from a language. Starts from the n-grams' log shares (naive Bayes, scaled
// down because n-grams overlap) and corrects what their dependence makes wrong. AdaGrad; a fixed seed.

export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Finds a feature's row by its hash. */
export class FeatureTable {
  constructor(hashes) {
    this.bits = 4;
    while (2 ** this.bits < hashes.length * 2) this.bits++;
    this.mask = 2 ** this.bits - 1;
    this.keys = new Uint32Array(2 ** this.bits);
    this.rows = new Uint32Array(2 ** this.bits);
    for (let row = 0; row < hashes.length; row++) {
      let slot = this.start(hashes[row] + 1);
      while (this.keys[slot] !== 0) slot = (slot + 1) & this.mask;
      this.keys[slot] = hashes[row] + 1;
      this.rows[slot] = row;
    }
  }
  start(key) {
    return Math.imul(key, 0x9e3779b1) >>> (32 - this.bits);
  }
  /** -1 = not chosen */
  row(hash) {
    const key = hash + 1;
    let slot = this.start(key);
    while (this.keys[slot] !== 0) {
      if (this.keys[slot] === key) return this.rows[slot];
      slot = (slot + 1) & this.mask;
    }
    return -1;
  }
}

/** Draws words of a language: with the shares flattened, so that rare words come too. */
class WordDrawer {
  constructor(words, power) {
    this.words = [...words.keys()];
    this.sums = new Float64Array(this.words.length);
    let sum = 0;
    let index = 0;
    for (const share of words.values()) this.sums[index++] = sum += share ** power;
  }
  draw(random) {
    const goal = random() * this.sums[this.sums.length - 1];
    let low = 0;
    let high = this.sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sums[middle] <= goal) low = middle + 1;
      else high = middle;
    }
    return this.words[low];
  }
}

function drawSample(language, random, unspaced) {
  const kind = random();
  const { drawers, training } = language;
  if (!unspaced && (kind < 0.8 || training.length === 0)) {
    const size = kind < 0.5 ? 1 : kind < 0.7 ? 2 : 4;
    return Array.from({ length: size }, () => drawers[size === 1 ? 0 : 1].draw(random));
  }
  const line = training[Math.floor(random() * training.length)];
  if (line === undefined) return [];
  const from = Math.floor(random() * Math.max(1, line.length - 2));
  return line.slice(from, from + (unspaced ? 1 : 3) + Math.floor(random() * (unspaced ? 3 : 6)));
}

export function descend(features, languages, featurizer, options) {
  const {
    priors,
    samples,
    seed = 7,
    rate = 0.25,
    decay = 2e-6,
    unspaced = false,
    start = 0.25,
    uses,
  } = options;
  const { starts, owners, shares, floor, hashes } = features;
  const table = new FeatureTable(hashes);
  const weights =
    options.weights ??
    Float32Array.from(shares, (share, i) => start * Math.max(0, share - Math.log(floor[owners[i]])));
  const bias = options.bias ?? new Float32Array(languages.length);
  const squares = new Float32Array(weights.length).fill(1e-2);
  const biasSquares = new Float32Array(languages.length).fill(1);
  for (const language of languages)
    language.drawers ??= [new WordDrawer(language.words, 0.5), new WordDrawer(language.words, 0.75)];
  const random = seededRandom(seed);
  const edges = [];
  let sum = 0;
  for (const prior of priors) edges.push((sum += prior));
  const scores = new Float64Array(languages.length);
  const rows = new Uint32Array(4096);
  let loss = 0;
  let right = 0;
  for (let step = 0; step < samples; step++) {
    const goal = random() * sum;
    const answer = edges.findIndex((edge) => edge > goal);
    const words = drawSample(languages[answer], random, unspaced);
    let count = 0;
    for (const word of words) {
      const found = featurizer.of(word);
      for (let i = 0; i < found && count < rows.length; i++) {
        const row = table.row(featurizer.hashes[i]);
        if (row < 0) continue;
        rows[count++] = row;
        if (uses) uses[row]++;
      }
    }
    scores.set(bias);
    for (let i = 0; i < count; i++)
      for (let e = starts[rows[i]]; e < starts[rows[i] + 1]; e++) scores[owners[e]] += weights[e];
    let best = 0;
    for (let l = 1; l < scores.length; l++) if (scores[l] > scores[best]) best = l;
    let total = 0;
    const top = scores[best];
    for (let l = 0; l < scores.length; l++) total += scores[l] = Math.exp(scores[l] - top);
    for (let l = 0; l < scores.length; l++) scores[l] /= total;
    loss -= Math.log(scores[answer] + 1e-12);
    if (best === answer) right++;
    if ((step + 1) % 200_000 === 0) {
      console.error(
        `  ${step + 1} samples: loss ${(loss / 2e5).toFixed(3)}, right ${(right / 2e5).toFixed(3)}`,
      );
      loss = right = 0;
    }
    if (scores[answer] > 0.99) continue;
    scores[answer] -= 1;
    for (let l = 0; l < scores.length; l++) {
      biasSquares[l] += scores[l] ** 2;
      bias[l] -= (0.05 * scores[l]) / Math.sqrt(biasSquares[l]);
    }
    for (let i = 0; i < count; i++)
      for (let e = starts[rows[i]]; e < starts[rows[i] + 1]; e++) {
        const slope = scores[owners[e]] + decay * weights[e];
        if (slope < 1e-3 && slope > -1e-3) continue;
        squares[e] += slope * slope;
        weights[e] -= (rate * slope) / Math.sqrt(squares[e]);
      }
  }
  return { weights, bias, table };
}
