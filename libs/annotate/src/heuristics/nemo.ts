// The signals that NeMo Curator's English filters add to Gopher's: shares of kinds of characters, over words that white
// space separates. Thresholds are in the preset `nemo`. Its line and n-gram measures are Gopher's signals.

import { splitParagraphs } from '@gristmill/text';
import { fraction, isSpaceAt } from './line-signals.ts';
import type { LineTable, TextScan } from './text-scan.ts';

const url = /https?:\/\/[^\s<>"{}|\\^`[\]]{1,2000}/g;
const boilerplate =
  /terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies|javascript|all rights reserved/i;
const commonWords = new Set(['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with']);

/** Everything that is counted here lies in the basic plane or counts per unit; `characters` are code points. */
export function measureCharacters({ characters, counts }: TextScan) {
  return {
    nonAlphanumericFraction: fraction(
      characters - counts.letters - counts.digits - counts.spaces,
      characters,
    ),
    symbolWordRatio: fraction(counts.symbols, counts.spacedWords),
    digitFraction: fraction(counts.digits, characters),
    whitespaceFraction: fraction(counts.spaces, characters),
    parenthesisFraction: fraction(counts.parentheses, characters),
    spacedWords: counts.spacedWords,
    meanSpacedWordLength: fraction(counts.spacedWordUnits, counts.spacedWords),
    longestSpacedWord: counts.longestSpacedWord,
    alphaSpacedWordFraction: fraction(counts.alphaSpacedWords, counts.spacedWords),
  };
}

/** Addresses, boilerplate and sentences without an end mark. */
export function measurePhrases({ text, characters, lines }: TextScan, hasPhrase: boolean) {
  let urlCharacters = 0;
  if (text.includes('://')) for (const found of text.match(url) ?? []) urlCharacters += found.length;
  const hasBoilerplate = hasPhrase && boilerplate.test(text);
  const paragraphs = hasBoilerplate ? splitParagraphs(text) : [];
  const marked = paragraphs.filter((paragraph) => boilerplate.test(paragraph)).length;
  return {
    urlCharFraction: fraction(urlCharacters, characters),
    boilerplateParagraphFraction: fraction(marked, paragraphs.length),
    unpunctuatedSentenceFraction: lines.onlyLineFeeds ? openLines(text, lines) : unpunctuated(text),
  };
}

const endMarks = '.?!"\'';

/** The same as `unpunctuated` where lines end at line feeds only. */
function openLines(text: string, { count, firsts, lasts }: LineTable): number {
  let filled = 0;
  let open = 0;
  for (let i = 0; i < count; i++) {
    if (firsts[i] === lasts[i]) continue;
    filled++;
    if (!endMarks.includes(text[lasts[i] - 1])) open++;
  }
  return fraction(open, filled);
}

/** Of the lines (NeMo's "sentences"), those that end in no mark. */
function unpunctuated(text: string): number {
  let lines = 0;
  let open = 0;
  for (let start = 0; start <= text.length;) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    let last = end;
    while (last > start && isSpaceAt(text, last - 1)) last--;
    if (last > start) {
      lines++;
      if (!endMarks.includes(text[last - 1])) open++;
    }
    start = end + 1;
  }
  return fraction(open, lines);
}

/** Occurrences of the eight stop words, as small letters have them. */
export function isCommonEnglishWord(word: string): boolean {
  return commonWords.has(word);
}
