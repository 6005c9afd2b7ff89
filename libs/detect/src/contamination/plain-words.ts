// Words as contamination compares them, after GPT-3 (Brown et al. 2020, appendix C): small letters, no punctuation.
// Apostrophes vanish inside a word (don't = dont); every other mark divides, so that hyphens and dashes may be written
// either way. A character of a script without spaces is a word.

import { CharacterClass, classAt } from '@gristmill/text';

/** Words of one text as numbers; reused by all calls on a thread. */
export interface PlainWords {
  count: number;
  hashes: Int32Array;
  /** In UTF-16 code units of the text. */
  starts: Int32Array;
  ends: Int32Array;
  /** Words that are one character of a script without spaces. */
  unspaced: number;
}

export function createPlainWords(): PlainWords {
  const size = 1 << 12;
  return {
    count: 0,
    hashes: new Int32Array(size),
    starts: new Int32Array(size),
    ends: new Int32Array(size),
    unspaced: 0,
  };
}

const small = new Uint16Array(65536);
const apostrophes = new Set([0x27, 0x2019]);
/** By UTF-16 unit: a `CharacterClass`, 0 = not seen yet. Apostrophes are `apostrophe`. */
const classes = new Uint8Array(65536);
const apostrophe = 9;

function fold(unit: number): number {
  const known = small[unit];
  if (known !== 0) return known;
  const folded = String.fromCharCode(unit).toLowerCase();
  return (small[unit] = (folded.length === 1 ? folded.charCodeAt(0) : unit) || 1);
}

function classOf(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  const known = classes[unit];
  if (known !== 0) return known;
  if (apostrophes.has(unit)) return (classes[unit] = apostrophe);
  const found = classAt(text, index);
  if ((unit & 0xf800) !== 0xd800) classes[unit] = found;
  return found;
}

function grow(words: PlainWords): void {
  for (const name of ['hashes', 'starts', 'ends'] as const) {
    const larger = new Int32Array(words[name].length * 2);
    larger.set(words[name]);
    words[name] = larger;
  }
}

/** Fills `words`. Linear in the text. */
export function readPlainWords(text: string, words: PlainWords): void {
  words.count = 0;
  words.unspaced = 0;
  for (let i = 0; i < text.length;) {
    const kind = classOf(text, i);
    if (kind === CharacterClass.word || kind === CharacterClass.digit) i = readWord(text, i, words);
    else if (kind === CharacterClass.unspaced) i = readCharacter(text, i, words);
    else i++;
  }
}

function readWord(text: string, start: number, words: PlainWords): number {
  let hash = 0x811c9dc5;
  let end = start;
  for (let i = start; i < text.length; i++) {
    const kind = classOf(text, i);
    if (kind === apostrophe) continue;
    if (kind !== CharacterClass.word && kind !== CharacterClass.digit) break;
    hash = Math.imul(hash ^ fold(text.charCodeAt(i)), 0x01000193);
    // A letter beyond the basic plane is two units, of which the second is no start of anything.
    if (isPairAt(text, i)) hash = Math.imul(hash ^ text.charCodeAt(++i), 0x01000193);
    end = i + 1;
  }
  push(words, hash, start, end);
  return end;
}

function readCharacter(text: string, start: number, words: PlainWords): number {
  const length = isPairAt(text, start) ? 2 : 1;
  let hash = Math.imul(0x811c9dc5 ^ fold(text.charCodeAt(start)), 0x01000193);
  if (length === 2) hash = Math.imul(hash ^ text.charCodeAt(start + 1), 0x01000193);
  push(words, hash, start, start + length);
  words.unspaced++;
  return start + length;
}

function isPairAt(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
}

function push(words: PlainWords, hash: number, start: number, end: number): void {
  if (words.count === words.hashes.length) grow(words);
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  words.hashes[words.count] = mixed ^ (mixed >>> 16);
  words.starts[words.count] = start;
  words.ends[words.count] = end;
  words.count++;
}

/** One word as it is compared: small letters, no apostrophe. */
export function plainWord(text: string, start: number, end: number): string {
  let word = '';
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (!apostrophes.has(unit)) word += String.fromCharCode(fold(unit));
  }
  return word;
}

const own = createPlainWords();

/** @example plainText("Don't  stop—now!") // 'dont stop now' */
export function plainText(text: string): string {
  readPlainWords(text, own);
  return Array.from({ length: own.count }, (_, w) => plainWord(text, own.starts[w], own.ends[w])).join(' ');
}
