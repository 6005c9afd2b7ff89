// C4's line loop (Raffel et al. 2020, section 2.2, with the rules that only its code has), in the order of its steps:
// a "{" in a line that an earlier step drops does not count. Three variants of the loop run at once, since papers and
// code differ on words per line and FineWeb left terminal punctuation out. Bad words are a signal of their own.

import { scanWords, WordList, type Words } from '@gristmill/text';
import { Flag, flagsAt } from './character-flags.ts';
import type { LineTable } from './line-table.ts';
import { endsWithEllipsis, isSpaceAt } from './line-signals.ts';

interface Variant {
  readonly minWordsPerLine: number;
  readonly terminalOnly: boolean;
}

const variants = {
  c4: { minWordsPerLine: 3, terminalOnly: true },
  c4Code: { minWordsPerLine: 5, terminalOnly: true },
  c4Open: { minWordsPerLine: 3, terminalOnly: false },
} as const satisfies Record<string, Variant>;

/** In white space separated pieces; a longer one ends its line. */
const longestPiece = 1000;
const citation = /\[(?:\d*|edit|citation needed)\]/g;
const policyPhrases = [
  'terms of use',
  'privacy policy',
  'cookie policy',
  'uses cookies',
  'use of cookies',
  'use cookies',
];
const anyPhrase = /lorem ipsum|javascript|terms of use|privacy policy|cookie policy|uses? (?:of )?cookies/i;

type VariantName = keyof typeof variants;
export type C4Signals = Record<`${VariantName}${'Sentences' | 'LoremIpsum' | 'CurlyBracket'}`, number>;

export interface C4Result {
  readonly signals: C4Signals;
  /** The lines that variant `c4Open` keeps, without white space at their ends and without citations. */
  readonly kept: readonly string[];
  readonly keptWords: number;
}

const names = Object.keys(variants) as VariantName[];

/** Sentences that survive the loop, and lines in it that would drop the document, for each variant. */
export function measureC4(text: string, lines: LineTable, words: Words): C4Result {
  const signals = Object.fromEntries(
    names.flatMap((name) => [
      [`${name}Sentences`, 0],
      [`${name}LoremIpsum`, 0],
      [`${name}CurlyBracket`, 0],
    ]),
  ) as C4Signals;
  // What the lines can be asked for is known before the loop, so that plain lines cost no string.
  const has = { phrase: anyPhrase.test(text), citation: text.includes('['), curly: text.includes('{') };
  const kept: string[] = [];
  let keptWords = 0;
  for (let i = 0; i < lines.count; i++) {
    const line = readLine(text, lines, i, has);
    if (line.pieces === 0) continue;
    addLine(signals, line, words);
    if (line.content === 'dropped' || line.pieces < variants.c4Open.minWordsPerLine) continue;
    kept.push(line.cited ?? text.slice(line.start, line.end));
    keptWords += line.cited === undefined ? line.endWord - line.firstWord : wordsOf(line.cited).count;
  }
  return { signals, kept, keptWords };
}

type Content = 'LoremIpsum' | 'dropped' | 'CurlyBracket' | 'Sentences';

interface Line {
  /** White space separated pieces, 0 when one is too long. */
  readonly pieces: number;
  readonly terminal: boolean;
  readonly content: Content;
  /** Without citations, when it had any: its words are then not those of the text. */
  readonly cited?: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly firstWord: number;
  readonly endWord: number;
}

function readLine(
  text: string,
  lines: LineTable,
  i: number,
  has: { phrase: boolean; citation: boolean; curly: boolean },
): Line {
  let start = lines.starts[i];
  let end = lines.ends[i];
  while (start < end && isSpaceAt(text, start)) start++;
  while (end > start && isSpaceAt(text, end - 1)) end--;
  const needed = has.phrase || has.citation || has.curly;
  const line = needed ? text.slice(start, end) : '';
  const cited = has.citation ? line.replace(citation, '') : line;
  const changed = cited !== line;
  return {
    pieces: countPieces(text, start, end),
    terminal: changed ? endsSentence(cited, 0, cited.length) : endsSentence(text, start, end),
    content: has.phrase || has.curly ? judgeContent(cited) : 'Sentences',
    cited: changed ? cited : undefined,
    text,
    start,
    end,
    firstWord: lines.firstWord[i],
    endWord: lines.firstWord[i + 1],
  };
}

function addLine(signals: C4Signals, line: Line, words: Words): void {
  if (line.content === 'dropped') return;
  let amount = line.content === 'Sentences' ? -1 : 1;
  for (const name of names) {
    const { minWordsPerLine, terminalOnly } = variants[name];
    if (line.pieces < minWordsPerLine || (terminalOnly && !line.terminal)) continue;
    if (amount < 0) amount = sentencesOf(line, words);
    signals[`${name}${line.content}`] += amount;
  }
}

const list = new WordList();

function sentencesOf(line: Line, words: Words): number {
  if (line.cited === undefined) return countSentences(line.text, words, line.firstWord, line.endWord);
  return countSentences(line.cited, wordsOf(line.cited), 0, list.count);
}

function wordsOf(line: string): WordList {
  list.count = 0;
  scanWords(line, 0, line.length, list);
  return list;
}

/** A sentence begins at the first word that is no punctuation after a sentence end (spaCy's sentencizer). */
function countSentences(text: string, words: Words, from: number, to: number): number {
  let sentences = 1;
  let ended = false;
  for (let w = from; w < to; w++) {
    const start = words.offsets[2 * w];
    const end = words.offsets[2 * w + 1];
    if (end - start === 1 && flagsAt(text, start) & Flag.terminal) ended = true;
    else if (ended && !isPunctuation(text, start, end)) {
      sentences++;
      ended = false;
    }
  }
  return sentences;
}

function isPunctuation(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!(flagsAt(text, i) & Flag.punctuation)) return false;
  return true;
}

/** White space separated pieces of a line, 0 when one is too long. */
function countPieces(text: string, start: number, end: number): number {
  let pieces = 0;
  let pieceStart = start;
  for (let i = start; i <= end; i++) {
    if (i < end && !isSpaceAt(text, i)) continue;
    if (i > pieceStart) pieces++;
    if (i - pieceStart > longestPiece) return 0;
    pieceStart = i + 1;
  }
  return pieces;
}

function endsSentence(text: string, start: number, end: number): boolean {
  if (end <= start || !'.?!"\''.includes(text[end - 1])) return false;
  return !(text[end - 1] === '.' && endsWithEllipsis(text, start, end));
}

function judgeContent(line: string): Content {
  const lower = line.toLowerCase();
  if (lower.includes('lorem ipsum')) return 'LoremIpsum';
  if (lower.includes('javascript')) return 'dropped';
  if (line.includes('{')) return 'CurlyBracket';
  return policyPhrases.some((phrase) => lower.includes(phrase)) ? 'dropped' : 'Sentences';
}
