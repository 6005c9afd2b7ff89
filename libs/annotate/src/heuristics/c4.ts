// C4's line loop (Raffel et al. 2020, section 2.2, with the rules that only its code has), in the order of its steps:
// a "{" in a line that an earlier step drops does not count. Three variants of the loop run at once, since papers and
// code differ on words per line and FineWeb left terminal punctuation out. Bad words are a signal of their own.

import { scanWords, WordList, type Words } from '@gristmill/text';
import { Flag, flagsAt } from './character-flags.ts';
import { endsWithEllipsis } from './line-signals.ts';
import type { LineTable, TextScan } from './text-scan.ts';

interface Variant {
  readonly minWordsPerLine: number;
  readonly terminalOnly: boolean;
}

const variants = {
  c4: { minWordsPerLine: 3, terminalOnly: true },
  c4Code: { minWordsPerLine: 5, terminalOnly: true },
  c4Open: { minWordsPerLine: 3, terminalOnly: false },
} as const satisfies Record<string, Variant>;

const citation = /\[(?:\d*|edit|citation needed)\]/g;
const policyPhrases = [
  'terms of use',
  'privacy policy',
  'cookie policy',
  'uses cookies',
  'use of cookies',
  'use cookies',
];

type VariantName = keyof typeof variants;
export type C4Signals = Record<`${VariantName}${'Sentences' | 'LoremIpsum' | 'CurlyBracket'}`, number>;

export interface C4Input {
  readonly scan: TextScan;
  readonly words: Words;
  /** Line → its first word, and one number more. */
  readonly firstWord: Int32Array;
  /** False when no line holds any of C4's phrases. */
  readonly hasPhrase: boolean;
}

export interface C4Result {
  readonly signals: C4Signals;
  /** The lines that variant `c4Open` keeps, without white space at their ends and without citations. */
  readonly kept: KeptLines;
  readonly keptWords: number;
}

/** Indices of lines, until one loses a citation: then all are strings. */
export interface KeptLines {
  readonly indices: readonly number[];
  readonly strings?: readonly string[];
}

const names = Object.keys(variants) as VariantName[];

/** Sentences that survive the loop, and lines in it that would drop the document, for each variant. */
export function measureC4({ scan: { text, lines }, words, firstWord, hasPhrase }: C4Input): C4Result {
  const signals = { ...noSignals };
  // What the lines can be asked for is known before the loop, so that plain lines cost no string.
  const has = { phrase: hasPhrase, citation: text.includes('['), curly: text.includes('{') };
  const indices: number[] = [];
  const cited = new Map<number, string>();
  let keptWords = 0;
  for (let i = 0; i < lines.count; i++) {
    if (lines.pieces[i] <= 0) continue;
    const line = readLine(text, lines, i, has, firstWord);
    addLine(signals, line, words);
    if (line.content === 'dropped' || line.pieces < variants.c4Open.minWordsPerLine) continue;
    indices.push(i);
    if (line.cited !== undefined) cited.set(i, line.cited);
    keptWords += line.cited === undefined ? line.endWord - line.firstWord : wordsOf(line.cited).count;
  }
  const lineOf = (i: number) => cited.get(i) ?? text.slice(lines.firsts[i], lines.lasts[i]);
  return {
    signals,
    kept: { indices, strings: cited.size > 0 ? indices.map(lineOf) : undefined },
    keptWords,
  };
}

const noSignals = Object.fromEntries(
  names.flatMap((name) => [
    [`${name}Sentences`, 0],
    [`${name}LoremIpsum`, 0],
    [`${name}CurlyBracket`, 0],
  ]),
) as C4Signals;

type Content = 'LoremIpsum' | 'dropped' | 'CurlyBracket' | 'Sentences';

interface Line {
  /** White space separated pieces. */
  readonly pieces: number;
  readonly terminal: boolean;
  readonly content: Content;
  /** Without citations, when it had any: its words are then not those of the text. */
  readonly cited?: string;
  readonly text: string;
  readonly firstWord: number;
  readonly endWord: number;
}

function readLine(
  text: string,
  lines: LineTable,
  i: number,
  has: { phrase: boolean; citation: boolean; curly: boolean },
  firstWord: Int32Array,
): Line {
  const start = lines.firsts[i];
  const end = lines.lasts[i];
  const needed = has.phrase || has.citation || has.curly;
  const line = needed ? text.slice(start, end) : '';
  const cited = has.citation ? line.replace(citation, '') : line;
  const changed = cited !== line;
  return {
    pieces: lines.pieces[i],
    terminal: changed ? endsSentence(cited, 0, cited.length) : endsSentence(text, start, end),
    content: has.phrase || has.curly ? judgeContent(cited) : 'Sentences',
    cited: changed ? cited : undefined,
    text,
    firstWord: firstWord[i],
    endWord: firstWord[i + 1],
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
