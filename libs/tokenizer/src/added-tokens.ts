// Tokens outside the model, found in a text before it is cut: the longest at each place, from the left. Those that are
// "normalized" are looked for in the normalised text, the others before. A special token that is not asked for stays
// ordinary text, and hides what lies inside its spelling, as in Hugging Face's tokenizers.

import type { AddedToken } from './tokenizer-json.ts';

/** A stretch of a text; with an id it is that token. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly id?: number;
}

/** Whether the spelling of a special token at this offset counts as the token. */
export type SpecialFilter = (start: number) => boolean;

export type FindAdded = (text: string, isSpecial: SpecialFilter) => Stretch[];

const wordEnd = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]$/u;
const wordStart = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]/u;
const isSpace = (character: string): boolean => /\p{White_Space}/u.test(character);

/** @param spell what to look for, where it is not the token's content */
export function openFinder(
  tokens: readonly AddedToken[],
  spell: (content: string) => string = (content) => content,
): FindAdded {
  const bySpelling = new Map<string, AddedToken>();
  for (const token of tokens) {
    const spelling = spell(token.content);
    if (spelling !== '' && !bySpelling.has(spelling)) bySpelling.set(spelling, token);
  }
  const pattern = patternOf([...bySpelling.keys()]);
  return (text, isSpecial) => {
    if (!pattern) return text === '' ? [] : [{ start: 0, end: text.length }];
    const stretches: Stretch[] = [];
    let from = 0;
    const addOrdinary = (end: number): void => {
      if (end > from) stretches.push({ start: from, end });
    };
    for (const match of text.matchAll(pattern)) {
      const token = bySpelling.get(match[0])!;
      if (token.special && !isSpecial(match.index)) continue;
      const bounds = boundsOf(token, text, { start: match.index, end: match.index + match[0].length }, from);
      if (!bounds) continue;
      addOrdinary(bounds.start);
      stretches.push({ ...bounds, id: token.id });
      from = bounds.end;
    }
    addOrdinary(text.length);
    return stretches;
  };
}

/** Where the token lies with the spaces that it takes with it; undefined where it must be a word and is not. */
function boundsOf(token: AddedToken, text: string, found: Stretch, from: number): Stretch | undefined {
  let { start, end } = found;
  if (token.single_word) {
    const before = text.slice(Math.max(0, start - 2), start);
    if (wordEnd.test(before) || wordStart.test(text.slice(end, end + 2))) return undefined;
  }
  if (token.rstrip) while (end < text.length && isSpace(text[end])) end++;
  if (token.lstrip) {
    while (start > from && isSpace(text[start - 1])) start--;
    // The spaces that it is made of may have gone with the token before.
    start = Math.max(start, from);
    if (start >= end) return undefined;
  }
  return { start, end };
}

function patternOf(spellings: readonly string[]): RegExp | undefined {
  if (spellings.length === 0) return undefined;
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'gu');
}
