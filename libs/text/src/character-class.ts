// What a character is to a word scanner. A table of one byte per UTF-16 code unit, filled as characters are met, so
// that a scan costs one load per character instead of a regular expression. Surrogate pairs are judged whole.

export const CharacterClass = {
  unknown: 0,
  space: 1,
  /** Letters, digits, marks, joiners: what words are made of. */
  word: 2,
  /** Punctuation and symbols: a token of their own. */
  mark: 3,
  /** Letters of scripts that are written without spaces: a dictionary finds the words. */
  unspaced: 4,
  digit: 5,
  surrogate: 6,
} as const;

/** By UTF-16 unit, for loops: where it says `unknown` or `surrogate`, ask `classAt`. */
export const classTable = new Uint8Array(65536);
const space = /^[\s\u0000-\u0020\u007f-\u00a0\u200b\ufeff]$/u;
const unspacedScript =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]$/u;
const digit = /^\p{Nd}$/u;
const word = /^[\p{L}\p{M}\p{N}\p{Cf}\p{Co}]$/u;

/** The class of the character whose first UTF-16 unit is at `index`; a low surrogate alone counts as a mark. */
export function classAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  const known = classTable[unit];
  if (known !== 0 && known !== CharacterClass.surrogate) return known;
  return classifySlow(text, index, unit);
}

function classifySlow(text: string, index: number, unit: number): number {
  if ((unit & 0xfc00) === 0xd800) {
    classTable[unit] = CharacterClass.surrogate;
    return classify(String.fromCodePoint(text.codePointAt(index) ?? unit));
  }
  return (classTable[unit] = classify(String.fromCharCode(unit)));
}

function classify(character: string): number {
  if (space.test(character)) return CharacterClass.space;
  // Marks such as the Thai vowels belong to their script; Myanmar and Khmer digits do not need a dictionary.
  if (digit.test(character)) return CharacterClass.digit;
  if (/^[\p{P}\p{S}]$/u.test(character)) return CharacterClass.mark;
  if (unspacedScript.test(character)) return CharacterClass.unspaced;
  return word.test(character) ? CharacterClass.word : CharacterClass.mark;
}
