// How strongly one UTF-8 sequence among a line's characters speaks for mojibake. Evidence is what no language writes: a
// capital with an accent inside a word followed by a symbol, a small letter followed by such a capital, the three
// characters that a curly quote turns into. Sound text offers weak look-alikes ("JOSÉ…", "MAÇÃ”", «и»): a capital at the end
// of a word before a mark of punctuation.

import type { Charset } from './mojibake-charsets.ts';

export interface Sequence {
  readonly start: number;
  readonly end: number;
  /** The code point that its bytes spell. */
  readonly point: number;
  readonly decoded: string;
  /** Bytes: 2, 3 or 4. */
  readonly length: number;
}

/** A sequence of at least this weight is repaired whatever stands around it. */
export const enoughEvidence = 2;

// "à" as a word of its own is common, and its second byte is the no-break space.
const aGrave = 0xe0;

const none = 0;
const weak = 1;
const strong = 2;

/** Marks that follow words in sound text: closing quotes, dashes, ellipses. */
const followsWords = /^[‚„…‹›‘’“”•–—»«™©®°\u00a0]$/;
/** The micro sign and the ordinal indicators are letters to Unicode, but no word goes on with them. */
const letter = /^(?![µªº])\p{L}$/u;
const small = /^\p{Ll}$/u;

export function weigh(line: string, sequences: readonly Sequence[], index: number, charset: Charset): number {
  const sequence = sequences[index];
  if (sequence.length > 2) return weighLong(sequences, index, charset);
  return weighPair(line, sequences, index, charset);
}

/**
 * Whether a line that is the decoding of one UTF-8 text was one: by the evidence of its parts, or because chance does not
 * make so many sequences and leave no other character.
 */
export function speaksForWhole(sequences: readonly Sequence[], weights: readonly number[]): boolean {
  if (weights.reduce((sum, weight) => sum + weight, 0) >= enoughEvidence) return true;
  if (sequences.some(({ point }) => !isAssigned(point) || isControl(point))) return false;
  const long = sequences.filter(({ length }) => length > 2).length;
  const distinct = new Set(sequences.map(({ point }) => point)).size;
  return (long > 0 && sequences.length > 1) || distinct >= 4;
}

/** Three and four bytes: chance makes a valid sequence rarely, and a likely character hardly ever. */
function weighLong(sequences: readonly Sequence[], index: number, charset: Charset): number {
  const { point, length } = sequences[index];
  if (isTypographic(point)) return strong;
  if (length === 4) return point >= 0x1f000 && point <= 0x1faff ? strong : none;
  if (!isAssigned(point)) return none;
  const run = runLength(sequences, index);
  if (charset.name !== 'windows-1252' && charset.name !== 'windows-1254') return run > 2 ? strong : none;
  return run > 1 ? strong : weak;
}

function weighPair(line: string, sequences: readonly Sequence[], index: number, charset: Charset): number {
  const { start, end, point } = sequences[index];
  if (!isAssigned(point) || isControl(point)) return none;
  const before = line[start - 1] ?? '';
  const after = line[end] ?? '';
  const second = line[start + 1];
  const run = runLength(sequences, index);
  const latin = point < 0x180;
  // Alphabets beyond Latin come in words: many sequences in a row, all of one script.
  if (!latin) return run >= 3 && isAlphabet(point) ? strong : none;
  if (charset.name === 'windows-1251' && letter.test(second)) return none;
  // Code page 437 is full of frames, and frames stand side by side in drawings.
  if (isFrame(line[start]) && isFrame(second) && !letter.test(before) && !letter.test(after)) return none;
  const isMark = followsWords.test(second);
  if (point === aGrave && !/\p{Lu}/u.test(before)) return strong;
  if (small.test(before) && isCapital(line[start])) {
    // "voilÃ»": nobody writes a capital after a small letter, then a symbol.
    return isMark && !letter.test(after) && point > 0xff ? weak : strong;
  }
  if (letter.test(second)) return run > 1 ? weak : none;
  if (!isMark) return strong;
  if (small.test(after)) return strong;
  // "Â»", "Â©", "Â°" at the start of a word: only a stray letter stands alone before a mark.
  const alone = !letter.test(before);
  if (alone && (point < 0xc0 || run > 1)) return strong;
  return run > 1 ? weak : none;
}

/** Sequences that touch each other around this one, as far as anybody asks: more than three on a side are not counted. */
function runLength(sequences: readonly Sequence[], index: number): number {
  let from = index;
  let to = index;
  while (from > 0 && index - from < 3 && sequences[from - 1].end === sequences[from].start) from--;
  while (to + 1 < sequences.length && to - index < 3 && sequences[to].end === sequences[to + 1].start) to++;
  return to - from + 1;
}

/** Quotes, dashes, bullets, ellipsis, zero width, euro, trade mark, arrows, the byte order mark, ligatures. */
function isTypographic(point: number): boolean {
  return (
    (point >= 0x2000 && point <= 0x2064) ||
    point === 0x20ac ||
    point === 0x2122 ||
    (point >= 0x2190 && point <= 0x21ff) ||
    (point >= 0x25a0 && point <= 0x27bf) ||
    point === 0xfeff ||
    point === 0xfffd ||
    (point >= 0xfb00 && point <= 0xfb06)
  );
}

/** Greek, Cyrillic, Armenian, Hebrew, Arabic: what two bytes spell beyond Latin. */
function isAlphabet(point: number): boolean {
  return point >= 0x370 && point <= 0x6ff;
}

function isAssigned(point: number): boolean {
  return !/[\p{Cn}\p{Co}\p{Cs}]/u.test(String.fromCodePoint(point));
}

function isControl(point: number): boolean {
  return point >= 0x80 && point < 0xa0;
}

function isCapital(character: string): boolean {
  return /[^\p{Ll}\s]/u.test(character);
}

function isFrame(character: string): boolean {
  return character >= '\u2500' && character <= '\u259f';
}
