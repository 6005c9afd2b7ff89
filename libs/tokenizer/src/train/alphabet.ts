// The characters of counted words.

import type { WordCounts } from './counted-words.ts';

export function countCharacters(counts: WordCounts): Map<string, number> {
  const characters = new Map<string, number>();
  for (const [word, count] of counts)
    for (const character of word) characters.set(character, (characters.get(character) ?? 0) + count);
  return characters;
}

/** The most frequent characters by code point; of equally frequent ones the lesser code point stays. */
export function keepCommon(counts: ReadonlyMap<string, number>, limit: number): string[] {
  const pointOf = (character: string): number => character.codePointAt(0)!;
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || pointOf(a) - pointOf(b))
    .slice(0, limit)
    .map(([character]) => character)
    .sort((a, b) => pointOf(a) - pointOf(b));
}
