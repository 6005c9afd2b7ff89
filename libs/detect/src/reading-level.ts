// How hard a text is to read and how it speaks: the Automated Reading Index (Senter and Smith 1967: characters a word and
// words a sentence, no syllables, so it needs no dictionary), LIX (Björnsson 1968, for other European languages), and
// shares of words that mark registers: first and second persons, contractions, questions, speech. English lists.

import { segmentWords } from '@gristmill/text';

const firstPerson = new Set(['i', 'me', 'my', 'mine', 'we', 'us', 'our', 'ours', 'myself', 'ourselves']);
const secondPerson = new Set(['you', 'your', 'yours', 'yourself', 'yourselves', 'ya']);
const thirdPast = new Set([
  'was',
  'were',
  'had',
  'said',
  'went',
  'came',
  'looked',
  'thought',
  'knew',
  'saw',
  'took',
]);

export interface ReadingSignals {
  /** Automated Reading Index: about a school year; 0 for a text without sentences. */
  readonly readingLevel: number;
  /** LIX: below 30 easy, above 60 very hard. */
  readonly lix: number;
  readonly wordsPerSentence: number;
  readonly firstPersonFraction: number;
  readonly secondPersonFraction: number;
  readonly pastNarrativeFraction: number;
  readonly contractionFraction: number;
  readonly questionFraction: number;
  readonly quotationFraction: number;
  readonly digitWordFraction: number;
}

/** Shares are of words, of sentences for questions, of characters for quotations. */
export function measureReading(text: string): ReadingSignals {
  const words = segmentWords(text);
  const counts = {
    words: 0,
    characters: 0,
    long: 0,
    sentences: 0,
    questions: 0,
    first: 0,
    second: 0,
    past: 0,
    short: 0,
    digits: 0,
  };
  for (let w = 0; w < words.count; w++) {
    const start = words.offsets[2 * w];
    const end = words.offsets[2 * w + 1];
    const code = text.charCodeAt(start);
    if (end - start === 1 && (code === 0x2e || code === 0x21 || code === 0x3f || code === 0x3002)) {
      counts.sentences++;
      if (code === 0x3f) counts.questions++;
      continue;
    }
    if (code < 0x30 && code !== 0x27) continue;
    const apostrophe = code === 0x27 || code === 0x2019 || isNegation(text, start, end);
    if (apostrophe) {
      if (end - start > 1) counts.short++;
      continue;
    }
    counts.words++;
    counts.characters += end - start;
    if (end - start > 6) counts.long++;
    if (code <= 0x39) counts.digits++;
    else if (end - start <= 10) countPerson(text.slice(start, end).toLowerCase(), counts);
  }
  return summarise(text, counts);
}

function isNegation(text: string, start: number, end: number): boolean {
  return end - start === 3 && (text.charCodeAt(start) | 0x20) === 0x6e && "'’".includes(text[start + 1]);
}

function countPerson(word: string, counts: { first: number; second: number; past: number }): void {
  if (firstPerson.has(word)) counts.first++;
  else if (secondPerson.has(word)) counts.second++;
  else if (thirdPast.has(word)) counts.past++;
}

function summarise(
  text: string,
  counts: Record<
    | 'words'
    | 'characters'
    | 'long'
    | 'sentences'
    | 'questions'
    | 'first'
    | 'second'
    | 'past'
    | 'short'
    | 'digits',
    number
  >,
): ReadingSignals {
  const sentences = Math.max(1, counts.sentences);
  const words = Math.max(1, counts.words);
  const perSentence = counts.words / sentences;
  const characters = counts.characters / words;
  return {
    // Constants of the two formulas as published.
    readingLevel: counts.words === 0 ? 0 : Math.max(0, 4.71 * characters + 0.5 * perSentence - 21.43),
    lix: counts.words === 0 ? 0 : perSentence + (100 * counts.long) / words,
    wordsPerSentence: perSentence,
    firstPersonFraction: counts.first / words,
    secondPersonFraction: counts.second / words,
    pastNarrativeFraction: counts.past / words,
    contractionFraction: counts.short / words,
    questionFraction: counts.questions / sentences,
    quotationFraction: quotedCharacters(text) / Math.max(1, text.length),
    digitWordFraction: counts.digits / words,
  };
}

/** Characters between curly or straight double quotes of one paragraph. */
function quotedCharacters(text: string): number {
  let quoted = 0;
  let open = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0a && text.charCodeAt(i + 1) === 0x0a) open = -1;
    else if (code === 0x201c || (code === 0x22 && open < 0)) open = i;
    else if ((code === 0x201d || code === 0x22) && open >= 0) {
      quoted += i - open + 1;
      open = -1;
    }
  }
  return quoted;
}

export type Genre = 'narrative' | 'dialogue' | 'instruction' | 'discussion' | 'reference' | 'exposition';

/**
 * A coarse genre by rules over the reading signals, for the data card; a trained classifier is better where examples
 * exist. Order matters: the first that fits.
 * @example guessGenre(measureReading(text)) // 'narrative'
 */
export function guessGenre(signals: ReadingSignals): Genre {
  if (signals.quotationFraction > 0.35) return 'dialogue';
  if (signals.pastNarrativeFraction > 0.025 && signals.firstPersonFraction + signals.quotationFraction > 0.01)
    return 'narrative';
  if (signals.secondPersonFraction > 0.015 && signals.firstPersonFraction < 0.02) return 'instruction';
  if (signals.firstPersonFraction > 0.03 || signals.questionFraction > 0.2) return 'discussion';
  return signals.digitWordFraction > 0.08 ? 'reference' : 'exposition';
}
