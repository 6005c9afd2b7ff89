// The languages of a document: of the whole, of each paragraph, and how they share it. A document is read in pieces of a few
// hundred characters, whole lines where they are short; each piece is identified for itself, and a short or doubtful one
// is given to the document's main language unless its letters speak against that.

import { DataError } from '@gristmill/core';
import { identify, knownLanguages, type AllowedLanguages, type PieceGuess } from './language/identify.ts';

export { decodeFastText } from './fast-text/fast-text-model.ts';
export { knownLanguages } from './language/identify.ts';

export interface DetectOptions {
  /**
   * Only these are answered (codes of `knownLanguages()`); a text in a script that none of them uses is unknown. The
   * shorter the texts, the more is gained by naming the languages that can occur.
   */
  readonly languages?: readonly string[];
}

export interface LanguageShare {
  readonly language: string;
  /** Of the document's letters, from 0 to 1. */
  readonly share: number;
}

export interface LanguageGuess {
  /** ISO 639-1 where it exists, else 639-3; undefined = unknown. */
  readonly language: string | undefined;
  /** From 0 to 1: how sure, over the whole document; another language's share lowers it. */
  readonly score: number;
  /** ISO 15924 code of the script with the most letters; Jpan for kana with Han; undefined = no letters. */
  readonly script: string | undefined;
  /** The main language's share of the letters, from 0 to 1. */
  readonly share: number;
  /** Languages with at least a hundredth of the letters, greatest share first. */
  readonly languages: readonly LanguageShare[];
}

export interface ParagraphLanguage {
  /** UTF-16 offsets of the paragraph in the text, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly language: string | undefined;
  readonly score: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const leastPiece = 240;
const longestPiece = 600;
const mostPieces = 40;
// A piece of another language than the main one counts as such when it speaks this clearly.
const foreignScore = 0.9;
const foreignLetters = 24;

/**
 * @throws DataError `language-unknown` where `languages` names one that cannot be told
 * @example detectLanguage('Das ist ein kurzer Satz.').language // 'de'
 */
export function detectLanguage(text: string, { languages }: DetectOptions = {}): LanguageGuess {
  const allowed = allowedLanguages(languages);
  if (text.length <= longestPiece) return guessOf(identify(text, 0, text.length, allowed));
  return summarise(sample(cutPieces(text)).map(({ start, end }) => identify(text, start, end, allowed)));
}

const allowedSets = new WeakMap<readonly string[], ReadonlySet<string>>();

function allowedLanguages(languages: readonly string[] | undefined): AllowedLanguages {
  if (languages === undefined) return undefined;
  const found = allowedSets.get(languages);
  if (found !== undefined) return found;
  const known = new Set(knownLanguages());
  const unknown = languages.filter((language) => !known.has(language));
  if (unknown.length > 0 || languages.length === 0)
    throw new DataError(
      'language-unknown',
      `these are no languages that can be told: ${unknown.join(', ') || '(none named)'}`,
      'name ISO 639-1 codes, or 639-3 where there is none, as docs/languages.md lists them; Norwegian is nb and nn',
    );
  const allowed = new Set(languages);
  allowedSets.set(languages, allowed);
  return allowed;
}

/** A text of one piece. */
function guessOf({ language, script, score }: PieceGuess): LanguageGuess {
  if (language === undefined) return { language, score: 0, script, share: 0, languages: [] };
  return { language, score, script, share: 1, languages: [{ language, share: 1 }] };
}

/**
 * The language of every paragraph (a line that is not blank), judged with the document's main language in mind.
 * @example detectParagraphs('Guten Morgen zusammen.\nGood morning everybody.') // de, en
 */
export function detectParagraphs(text: string, { languages }: DetectOptions = {}): ParagraphLanguage[] {
  const spans = cutLines(text);
  const allowed = allowedLanguages(languages);
  const pieces = spans.map(({ start, end }) =>
    identify(text, start, Math.min(end, start + longestPiece), allowed),
  );
  const main = summarise(pieces).language;
  return spans.map((span, index) => {
    const { language, score } = inContext(pieces[index], main);
    return { ...span, language, score };
  });
}

function summarise(pieces: readonly PieceGuess[]): LanguageGuess {
  const first = tally(pieces.map((piece) => piece));
  const main = greatest(first.languages);
  const settled = pieces.length === 1 ? first : tally(pieces.map((piece) => inContext(piece, main)));
  const letters = pieces.reduce((sum, piece) => sum + piece.letters, 0);
  const script = greatest(settled.scripts);
  const language = greatest(settled.languages);
  if (language === undefined) return { language, score: 0, script, share: 0, languages: [] };
  const found = settled.languages.get(language)!;
  const languages = [...settled.languages]
    .map(([name, sums]) => ({ language: name, share: sums.letters / letters }))
    .filter(({ share }) => share >= 0.01)
    .sort((a, b) => b.share - a.share || (a.language < b.language ? -1 : 1));
  return { language, score: found.belief / letters, script, share: found.letters / letters, languages };
}

interface Sums {
  letters: number;
  belief: number;
}

type Judged = Pick<PieceGuess, 'language' | 'script' | 'score' | 'letters'>;

function tally(pieces: readonly Judged[]): { languages: Map<string, Sums>; scripts: Map<string, Sums> } {
  const languages = new Map<string, Sums>();
  const scripts = new Map<string, Sums>();
  for (const { language, script, score, letters } of pieces) {
    if (script !== undefined) add(scripts, script, letters, letters);
    if (language !== undefined) add(languages, language, letters, letters * score);
  }
  return { languages, scripts };
}

function add(sums: Map<string, Sums>, key: string, letters: number, belief: number): void {
  const found = sums.get(key);
  if (found === undefined) sums.set(key, { letters, belief });
  else {
    found.letters += letters;
    found.belief += belief;
  }
}

function greatest(sums: Map<string, Sums>): string | undefined {
  let best: [string, number] | undefined;
  for (const [key, { belief }] of sums)
    if (best === undefined || belief > best[1] || (belief === best[1] && key < best[0])) best = [key, belief];
  return best?.[0];
}

/** The piece, given to the main language when that is nearly as likely and the piece short or doubtful. */
function inContext(piece: PieceGuess, main: string | undefined): Judged {
  const { language, script, score, letters, scores, scale, model } = piece;
  if (main === undefined || language === main) return piece;
  if (score >= foreignScore && letters >= foreignLetters) return piece;
  const index = model?.languages.indexOf(main) ?? -1;
  if (scores === undefined || index < 0) return piece;
  const best = scores[model!.languages.indexOf(language ?? main)];
  const patience = letters < foreignLetters ? 10 : 5;
  if (language !== undefined && best - scores[index] > patience * scale!) return piece;
  return { language: main, script, letters, score: 0.5 };
}

/** Lines together until they are long enough, long ones apart. */
function cutPieces(text: string): Span[] {
  const pieces: Span[] = [];
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', Math.min(start + leastPiece, text.length));
    if (end < 0) end = text.length;
    if (end - start > longestPiece) end = cutBefore(text, start + longestPiece);
    // What would be left over is too little to be judged alone.
    if (text.length - end < leastPiece / 4) end = text.length;
    pieces.push({ start, end });
    start = end;
  }
  return pieces;
}

/** A space within the last 40 units before `at`, or `at`, never between the halves of a pair. */
function cutBefore(text: string, at: number): number {
  const space = text.lastIndexOf(' ', at);
  if (space > at - 40) return space + 1;
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at + 1 : at;
}

/** Pieces spread evenly over a long document: what a piece more could add is little. */
function sample(pieces: Span[]): Span[] {
  if (pieces.length <= mostPieces) return pieces;
  return Array.from(
    { length: mostPieces },
    (_, index) => pieces[Math.floor((index * pieces.length) / mostPieces)],
  );
}

function cutLines(text: string): Span[] {
  const lines: Span[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (text.slice(start, end).trim() !== '') lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}
