// Which language a text is written in. The model is eld's (n-grams of bytes, 60 languages), which reads the first
// thousand characters; this version judges a text by up to three slices of it, so that a foreign preface does not
// decide. It does not yet judge paragraphs or mark mixtures.

import { eld } from 'eld/large';

export interface LanguageGuess {
  /** ISO 639-1 where it exists, else 639-3; undefined = unknown. */
  readonly language: string | undefined;
  /** From 0 to 1: how sure. */
  readonly score: number;
}

const sliceLength = 1000;

/** @example detectLanguage('Das ist ein kurzer Satz.').language // 'de' */
export function detectLanguage(text: string): LanguageGuess {
  const votes = new Map<string, number>();
  const slices = slicesOf(text);
  for (const slice of slices) {
    const result = eld.detect(slice);
    if (result.language === '') continue;
    const score = result.getScores()[result.language] ?? 0;
    votes.set(result.language, (votes.get(result.language) ?? 0) + score / slices.length);
  }
  let best: LanguageGuess = { language: undefined, score: 0 };
  for (const [language, score] of votes)
    if (score > best.score) best = { language, score: Math.min(1, score) };
  return best;
}

/** The beginning, the middle and the end of a long text; a shorter one whole. */
function slicesOf(text: string): string[] {
  if (text.length <= sliceLength * 3) return [text];
  const middle = text.length >> 1;
  return [text.slice(0, sliceLength), text.slice(middle, middle + sliceLength), text.slice(-sliceLength)];
}
