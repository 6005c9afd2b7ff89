// What the language model knows a word by: its n-grams of one to five letters, the ends of the word counting as letters,
// and the whole word if that is longer. Each is a hash; the model keeps no text. Scripts without spaces have no ends.
// This is how the model is trained; assembly/language-kernel.ts computes the same when a text is read.

export const longestNgram = 5;
/** Units of a word that count. */
export const longestWord = 24;
/** At most so many features has a word: five for each unit and one of its two ends, and itself. */
export const mostFeatures = (longestWord + 2) * longestNgram + 1;
export const hashBits = 27;
/** Scripts that put no spaces between words. */
export const unspacedScripts: ReadonlySet<string> = new Set(['Hani', 'Mymr', 'Tibt']);

const prime = 0x01000193;
const seed = 0x2545f491;
const wordSeed = 0x1b873593;

function finish(hash: number): number {
  let h = hash ^ (hash >>> 15);
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  return (h ^ (h >>> 15)) >>> (32 - hashBits);
}

/**
 * Appends the features of a word to `into` at `count`.
 * @param word folded units from index 1 on; index 0 and the one after the last are overwritten with the ends
 * @returns the new count
 */
export function wordFeatures(word: Uint16Array, length: number, into: Uint32Array, count: number): number {
  word[0] = 0x20;
  word[length + 1] = 0x20;
  const size = length + 2;
  let whole = wordSeed;
  for (let i = 0; i < size - 1; i++) {
    let hash = Math.imul(seed ^ word[i], prime);
    if (i > 0) {
      into[count++] = finish(hash);
      whole = Math.imul(whole ^ word[i], prime);
    }
    const end = i + longestNgram < size ? i + longestNgram : size;
    for (let k = i + 1; k < end; k++) {
      hash = Math.imul(hash ^ word[k], prime);
      into[count++] = finish(hash);
    }
  }
  if (size > longestNgram) into[count++] = finish(whole);
  return count;
}

/** The features of a run without spaces: one to three characters each. */
export function runFeatures(word: Uint16Array, length: number, into: Uint32Array, count: number): number {
  for (let i = 1; i <= length; i++) {
    let hash = seed;
    for (let k = i; k <= length && k < i + 3; k++) {
      hash = Math.imul(hash ^ word[k], prime);
      into[count++] = finish(hash);
    }
  }
  return count;
}
