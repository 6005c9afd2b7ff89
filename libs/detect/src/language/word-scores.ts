// What one word says about each language of a script: the sum of the weights of its n-grams. Short words recur all the
// time, so their sums are kept, in a table of fixed size where a word displaces the one before it in its place. A kept
// word is compared letter by letter: what is added never depends on what was read before.

import { pairBias, tagBits, type ScriptModel } from './language-model.ts';
import { mostFeatures, runFeatures, wordFeatures } from './word-features.ts';

const placeBits = 13;
const places = 2 ** placeBits;
/** Longer words are not kept. */
const longestKept = 15;
const keySize = longestKept + 1;
const tagMask = (1 << tagBits) - 1;

const hashes = new Uint32Array(mostFeatures);

export class WordScores {
  /** n-grams of the words so far, and those of them that the model knows. */
  tries = 0;
  hits = 0;

  private readonly model: ScriptModel;
  private readonly features: typeof wordFeatures;
  /** Of each place: the length of its word, then its units. */
  private readonly keys = new Uint16Array(places * keySize);
  /** Of each place: a sum for each language. One place more serves the words that are not kept. */
  private readonly sums: Int16Array;
  private readonly counts = new Uint8Array((places + 1) * 2);
  private readonly pairs: Int32Array;
  private readonly singles: Int32Array;

  constructor(model: ScriptModel, unspaced: boolean) {
    this.model = model;
    this.features = unspaced ? runFeatures : wordFeatures;
    const languages = model.languages.length;
    this.sums = new Int16Array((places + 1) * languages);
    this.pairs = new Int32Array(model.pairsPerRow);
    this.singles = new Int32Array(languages);
  }

  /** Adds a word's sums to `scores`; the word stands in `word` from index 1 on. */
  add(word: Uint16Array, length: number, scores: Int32Array): void {
    const place = this.placeOf(word, length);
    const { sums, counts } = this;
    this.tries += counts[place * 2];
    this.hits += counts[place * 2 + 1];
    const languages = scores.length;
    for (let i = 0, at = place * languages; i < languages; i++, at++) scores[i] += sums[at];
  }

  private placeOf(word: Uint16Array, length: number): number {
    if (length > longestKept) {
      this.compute(word, length, places);
      return places;
    }
    let hash = length;
    for (let i = 1; i <= length; i++) hash = Math.imul(hash ^ word[i], 0x01000193);
    const place = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - placeBits);
    const { keys } = this;
    const key = place * keySize;
    let same = keys[key] === length;
    for (let i = 1; same && i <= length; i++) same = keys[key + i] === word[i];
    if (same) return place;
    keys[key] = length;
    for (let i = 1; i <= length; i++) keys[key + i] = word[i];
    this.compute(word, length, place);
    return place;
  }

  private compute(word: Uint16Array, length: number, place: number): void {
    const { pairs, singles, sums, counts, features } = this;
    const count = features(word, length, hashes, 0);
    pairs.fill(0);
    singles.fill(0);
    let rows = 0;
    let runs = 0;
    for (let i = 0; i < count; i++) {
      const value = this.lookUp(hashes[i]);
      if (value < 0) {
        this.addRow((value & 0x7fffffff) >>> tagBits);
        rows++;
      } else if (value > 0) {
        this.addRun(value >>> tagBits);
        runs++;
      }
    }
    counts[place * 2] = count;
    counts[place * 2 + 1] = rows + runs;
    const excess = rows * pairBias;
    const languages = singles.length;
    for (let i = 0, at = place * languages; i < languages; i++, at++)
      sums[at] = singles[i] + ((pairs[i >> 1] >>> ((i & 1) << 4)) & 0xffff) - excess;
  }

  /** The filled slot of a hash, or 0. */
  private lookUp(hash: number): number {
    const { slots, slotShift } = this.model;
    const mask = slots.length - 1;
    const tag = hash & tagMask;
    for (let slot = hash >>> slotShift; ; slot = (slot + 1) & mask) {
      const value = slots[slot];
      if (value === 0 || (value & tagMask) === tag) return value;
    }
  }

  private addRow(row: number): void {
    const { pairs } = this;
    const { rows } = this.model;
    for (let i = 0, at = row * pairs.length; i < pairs.length; i++, at++) pairs[i] += rows[at];
  }

  private addRun(start: number): void {
    const { singles } = this;
    const { entries } = this.model;
    for (let at = start; ; at++) {
      const entry = entries[at];
      singles[(entry >> 8) & 0x7f] += (entry & 0xff) - 128;
      if (entry & 0x8000) return;
    }
  }
}
