// Hashed word n-grams of a text: the input of every learned model here. Words are runs of letters and digits in lower
// case, digits count as one digit, a character of a script without spaces is a word. After fastText (Joulin et al.
// 2017), whose hash trick keeps no vocabulary; collisions are part of the model. Reads a bounded beginning of a text.

import { CharacterClass, classAt } from '@gristmill/text';

export interface FeatureOptions {
  /** Power of two: hashes fall into so many buckets. */
  readonly buckets: number;
  /** 1 = words, 2 = words and pairs of words, … at most 4. */
  readonly wordNgrams: number;
  /** Words read from a text; the rest does not count. */
  readonly maxWords: number;
}

const lower = new Uint16Array(65536);

/** The small letter, or a digit's stand-in; only mappings of one unit to one. */
function fold(unit: number): number {
  const known = lower[unit];
  if (known !== 0) return known;
  const character = String.fromCharCode(unit);
  const small = character.toLowerCase();
  const folded = /\p{Nd}/u.test(character) ? 0x30 : small.length === 1 ? small.charCodeAt(0) : unit;
  return (lower[unit] = folded || 1);
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Collects buckets in order; one is reused by all calls on a thread. */
export class FeatureList {
  buckets = new Uint32Array(1 << 14);
  count = 0;

  push(bucket: number): void {
    if (this.count === this.buckets.length) {
      const larger = new Uint32Array(this.buckets.length * 2);
      larger.set(this.buckets);
      this.buckets = larger;
    }
    this.buckets[this.count++] = bucket;
  }
}

/** Fills `list` with the bucket of every n-gram of the text, repeated as often as it stands there. */
export function readFeatures(text: string, options: FeatureOptions, list: FeatureList): void {
  list.count = 0;
  const { wordNgrams, maxWords } = options;
  const mask = options.buckets - 1;
  let one = 0;
  let two = 0;
  let three = 0;
  let words = 0;
  for (let i = 0; i < text.length && words < maxWords;) {
    const kind = classAt(text, i);
    if (kind === CharacterClass.space || kind === CharacterClass.mark) {
      i++;
      continue;
    }
    let hash = 0x811c9dc5;
    if (kind === CharacterClass.unspaced) hash = Math.imul(hash ^ text.charCodeAt(i++), 0x01000193);
    else {
      for (; i < text.length; i++) {
        const next = classAt(text, i);
        if (next !== CharacterClass.word && next !== CharacterClass.digit) break;
        hash = Math.imul(hash ^ fold(text.charCodeAt(i)), 0x01000193);
      }
    }
    hash = finish(hash) || 1;
    list.push((hash >>> 0) & mask);
    if (wordNgrams > 1 && one !== 0) list.push(finish(Math.imul(one, 31) + hash) & mask);
    if (wordNgrams > 2 && two !== 0)
      list.push(finish(Math.imul(two, 961) + Math.imul(one, 31) + hash) & mask);
    if (wordNgrams > 3 && three !== 0)
      list.push(finish(Math.imul(three, 29791) + Math.imul(two, 961) + Math.imul(one, 31) + hash) & mask);
    three = two;
    two = one;
    one = hash;
    words++;
  }
}
