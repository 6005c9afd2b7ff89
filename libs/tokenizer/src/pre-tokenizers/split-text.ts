// Cuts a text at the matches of a pattern; a behaviour says what becomes of the matches. The names are Hugging Face's.

import { asOfUnicode16 } from '../character-classes.ts';

export const splitBehaviors = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;
export type SplitBehavior = (typeof splitBehaviors)[number];

interface Part {
  readonly start: number;
  end: number;
  readonly isMatch: boolean;
}

/**
 * Calls `emit` with the bounds of each piece, none of them empty.
 * @param pattern global
 * @param isInverted what lies between the matches counts as the match
 */
export function splitText(
  text: string,
  {
    pattern,
    behavior,
    isInverted = false,
  }: { pattern: RegExp; behavior: SplitBehavior; isInverted?: boolean },
  emit: (start: number, end: number) => void,
): void {
  let last: Part | undefined;
  const flush = (): void => {
    if (last && last.end > last.start && !(behavior === 'Removed' && last.isMatch))
      emit(last.start, last.end);
  };
  const add = (start: number, end: number, isMatch: boolean): void => {
    if (last && joins(behavior, last.isMatch, isMatch)) {
      // What is merged counts as what came last, so that two matches in a row are not merged.
      last = { start: last.start, end, isMatch };
      return;
    }
    flush();
    last = { start, end, isMatch };
  };
  let at = 0;
  for (const match of asOfUnicode16(text).matchAll(pattern)) {
    if (match.index > at) add(at, match.index, isInverted);
    at = match.index + match[0].length;
    add(match.index, at, !isInverted);
  }
  if (at < text.length) add(at, text.length, isInverted);
  flush();
}

function joins(behavior: SplitBehavior, before: boolean, now: boolean): boolean {
  if (behavior === 'Contiguous') return before === now;
  if (behavior === 'MergedWithPrevious') return now && !before;
  return behavior === 'MergedWithNext' && before && !now;
}
