// The signals that NeMo Curator's English filters add to Gopher's: shares of kinds of characters, over words that white
// space separates. Thresholds are in the preset `nemo`. Its line and n-gram measures are Gopher's signals.

import { splitParagraphs } from '@gristmill/text';
import { Flag, flagsAt } from './character-flags.ts';
import { fraction, isSpaceAt } from './line-signals.ts';

const url = /https?:\/\/[^\s<>"{}|\\^`[\]]{1,2000}/g;
const boilerplate =
  /terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies|javascript|all rights reserved/i;
const commonWords = new Set(['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with']);
const symbols = new Set([...'#…'].map((c) => c.charCodeAt(0)));

const empty = {
  alphanumeric: 0,
  digits: 0,
  spaces: 0,
  parentheses: 0,
  symbols: 0,
  words: 0,
  wordCharacters: 0,
  longest: 0,
  alphaWords: 0,
};

/** `characters` in code points; everything that is counted here lies in the basic plane or counts per unit. */
export function measureCharacters(text: string, characters: number) {
  const counts = { ...empty };
  let wordStart = -1;
  let hasLetter = false;
  let previousDots = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0x20;
    const space = i === text.length || isSpaceAt(text, i);
    if (space) {
      if (i < text.length) counts.spaces++;
      if (wordStart >= 0) endWord(counts, i - wordStart, hasLetter);
      wordStart = -1;
      hasLetter = false;
      previousDots = 0;
      continue;
    }
    if (wordStart < 0) wordStart = i;
    const flags = flagsAt(text, i);
    if (flags & Flag.letter) {
      hasLetter = true;
      counts.alphanumeric++;
    } else if (flags & Flag.digit) {
      counts.digits++;
      counts.alphanumeric++;
    } else if (isParenthesis(code)) counts.parentheses++;
    else if (symbols.has(code)) counts.symbols++;
    previousDots = code === 0x2e ? previousDots + 1 : 0;
    if (previousDots === 3) {
      counts.symbols++;
      previousDots = 0;
    }
  }
  return {
    nonAlphanumericFraction: fraction(characters - counts.alphanumeric - counts.spaces, characters),
    symbolWordRatio: fraction(counts.symbols, counts.words),
    digitFraction: fraction(counts.digits, characters),
    whitespaceFraction: fraction(counts.spaces, characters),
    parenthesisFraction: fraction(counts.parentheses, characters),
    spacedWords: counts.words,
    meanSpacedWordLength: fraction(counts.wordCharacters, counts.words),
    longestSpacedWord: counts.longest,
    alphaSpacedWordFraction: fraction(counts.alphaWords, counts.words),
  };
}

function endWord(counts: typeof empty, length: number, hasLetter: boolean): void {
  counts.words++;
  counts.wordCharacters += length;
  if (length > counts.longest) counts.longest = length;
  if (hasLetter) counts.alphaWords++;
}

function isParenthesis(code: number): boolean {
  return (
    code === 0x28 ||
    code === 0x29 ||
    code === 0x5b ||
    code === 0x5d ||
    code === 0x7b ||
    code === 0x7d ||
    code === 0x27e8 ||
    code === 0x27e9
  );
}

/** Addresses, boilerplate and sentences without an end mark. */
export function measurePhrases(text: string, characters: number) {
  let urlCharacters = 0;
  if (text.includes('://')) for (const found of text.match(url) ?? []) urlCharacters += found.length;
  const hasBoilerplate = boilerplate.test(text);
  const paragraphs = hasBoilerplate ? splitParagraphs(text) : [];
  const marked = paragraphs.filter((paragraph) => boilerplate.test(paragraph)).length;
  return {
    urlCharFraction: fraction(urlCharacters, characters),
    boilerplateParagraphFraction: fraction(marked, paragraphs.length),
    unpunctuatedSentenceFraction: unpunctuated(text),
  };
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
      if (!'.?!"\''.includes(text[last - 1])) open++;
    }
    start = end + 1;
  }
  return fraction(open, lines);
}

/** Occurrences of the eight stop words, as small letters have them. */
export function isCommonEnglishWord(word: string): boolean {
  return commonWords.has(word);
}
