// One pass over the characters of a document for everything that is counted by character or by line: kinds of
// characters, words that white space separates, and for each line its edges, letters and pieces. Every family of rules
// reads these tables instead of the text.

import { isLineBoundary } from '@gristmill/text';
import { Flag, flagsAt, flagTable } from './character-flags.ts';

export interface TextScan {
  readonly text: string;
  /** The text's UTF-16 units, and more beyond its length. Valid, as all arrays here, until the next scan on this thread. */
  readonly units: Uint16Array;
  /** Code points. */
  readonly characters: number;
  readonly counts: CharacterCounts;
  readonly lines: LineTable;
}

export interface CharacterCounts {
  letters: number;
  digits: number;
  spaces: number;
  parentheses: number;
  /** "#", "…" and "...". */
  symbols: number;
  /** Runs without white space: their number, units, longest, and how many hold a letter. */
  spacedWords: number;
  spacedWordUnits: number;
  longestSpacedWord: number;
  alphaSpacedWords: number;
}

/** Lines as Python's `splitlines` gives them; line i is [starts[i], ends[i]) without its line end. */
export interface LineTable {
  count: number;
  /** No line ends at anything but a line feed. */
  onlyLineFeeds: boolean;
  starts: Int32Array;
  ends: Int32Array;
  /** Without white space at both ends; equal where a line is blank. */
  firsts: Int32Array;
  lasts: Int32Array;
  upper: Int32Array;
  letters: Int32Array;
  digits: Int32Array;
  /** Runs without white space; −1 where one is longer than `longestPiece`. */
  pieces: Int32Array;
  /** Low surrogates behind their high ones: units minus these are code points. */
  pairs: Int32Array;
}

export const longestPiece = 1000;
const lineFeedFlags = flagsAt('\n', 0);

let units = new Uint16Array(1 << 14);
const columns = [
  'starts',
  'ends',
  'firsts',
  'lasts',
  'upper',
  'letters',
  'digits',
  'pieces',
  'pairs',
] as const;
const lines: LineTable = {
  count: 0,
  onlyLineFeeds: true,
  ...(Object.fromEntries(columns.map((name) => [name, new Int32Array(1024)])) as Record<
    (typeof columns)[number],
    Int32Array
  >),
};

function growLines(): void {
  for (const name of columns) {
    const larger = new Int32Array(lines[name].length * 4);
    larger.set(lines[name]);
    lines[name] = larger;
  }
}

/** Copies the text's units into `units`; typed arrays are read faster than strings. */
function loadUnits(text: string): void {
  if (units.length < text.length) units = new Uint16Array(1 << (32 - Math.clz32(text.length)));
  Buffer.from(units.buffer).write(text, 'utf16le');
}

export function scanText(text: string): TextScan {
  loadUnits(text);
  lines.count = 0;
  lines.onlyLineFeeds = true;
  const source = units;
  const { length } = text;
  let [letters, digits, spaces, parentheses, symbols, pairs] = [0, 0, 0, 0, 0, 0];
  let [words, wordUnits, longest, alphaWords] = [0, 0, 0, 0];
  let upper = 0;
  // The run without white space that is open, and the line.
  let runStart = -1;
  let runHasLetter = false;
  let dots = 0;
  let lineStart = 0;
  let [first, last, pieces, upperBefore, lettersBefore, digitsBefore, pairsBefore] = [-1, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i <= length; i++) {
    const unit = i < length ? source[i] : 0x0a;
    // The line feed behind the end is not in the text: there is nothing to ask flagsAt about.
    const flags = i < length ? flagTable[unit] || flagsAt(text, i) : lineFeedFlags;
    if ((flags & Flag.space) === 0) {
      if (runStart < 0) {
        runStart = i;
        if (first < 0) first = i;
        runHasLetter = false;
        dots = 0;
      }
      if ((flags & Flag.letter) !== 0) {
        letters++;
        runHasLetter = true;
        if ((flags & Flag.upper) !== 0) upper++;
      } else if ((flags & Flag.digit) !== 0) digits++;
      else if (isParenthesis(unit)) parentheses++;
      else if (unit === 0x23 || unit === 0x2026) symbols++;
      if (unit === 0x2e) {
        if (++dots === 3) {
          symbols++;
          dots = 0;
        }
      } else dots = 0;
      if ((unit & 0xfc00) === 0xdc00 && i > 0 && (source[i - 1] & 0xfc00) === 0xd800) pairs++;
      continue;
    }
    if (i < length) spaces++;
    if (runStart >= 0) {
      words++;
      wordUnits += i - runStart;
      if (i - runStart > longest) longest = i - runStart;
      if (i - runStart > longestPiece || pieces < 0) pieces = -1;
      else pieces++;
      if (runHasLetter) alphaWords++;
      runStart = -1;
      last = i;
    }
    if (unit === 0x20 || !isLineBoundary(unit) || (i === length && lineStart === length)) continue;
    if (unit !== 0x0a) lines.onlyLineFeeds = false;
    const at = lines.count++;
    if (at === lines.starts.length) growLines();
    lines.starts[at] = lineStart;
    lines.ends[at] = i;
    lines.firsts[at] = first < 0 ? i : first;
    lines.lasts[at] = first < 0 ? i : last;
    lines.upper[at] = upper - upperBefore;
    lines.letters[at] = letters - lettersBefore;
    lines.digits[at] = digits - digitsBefore;
    lines.pieces[at] = pieces;
    lines.pairs[at] = pairs - pairsBefore;
    if (unit === 0x0d && i + 1 < length && source[i + 1] === 0x0a) {
      i++;
      spaces++;
    }
    lineStart = i + 1;
    first = -1;
    pieces = 0;
    upperBefore = upper;
    lettersBefore = letters;
    digitsBefore = digits;
    pairsBefore = pairs;
  }
  return {
    text,
    units: source,
    characters: length - pairs,
    counts: {
      letters,
      digits,
      spaces,
      parentheses,
      symbols,
      spacedWords: words,
      spacedWordUnits: wordUnits,
      longestSpacedWord: longest,
      alphaSpacedWords: alphaWords,
    },
    lines,
  };
}

function isParenthesis(unit: number): boolean {
  if (unit > 0x7d) return unit === 0x27e8 || unit === 0x27e9;
  return unit === 0x28 || unit === 0x29 || unit === 0x5b || unit === 0x5d || unit === 0x7b || unit === 0x7d;
}
