// What a page says, as one number: the set of its words outside links, without numbers and names of months and days. Two pages of
// a calendar are equal by it, and so are lists that are sorted in another way.

import { nodeText, flag, tag, tagFlags, textTag, type FlatTree } from '@gristmill/markup';
import { hashOf } from './traps.ts';

const mostCharacters = 200_000;

/** In languages in which calendars are common; 1970 began on a Thursday. */
const dateWords: ReadonlySet<string> = new Set(
  ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'pl', 'sv', 'ru'].flatMap((language) =>
    ['long', 'short'].flatMap((width) => {
      const format = (options: Intl.DateTimeFormatOptions, days: readonly number[]): string[] => {
        const { format } = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
        return days.map((day) =>
          format(day * 86_400_000)
            .toLowerCase()
            .replace(/\W+$/, ''),
        );
      };
      const style = width as 'long';
      const months = Array.from({ length: 12 }, (_, month) => month * 30.5 + 5);
      return [...format({ month: style }, months), ...format({ weekday: style }, [0, 1, 2, 3, 4, 5, 6])];
    }),
  ),
);

/** Linear in the length of the page, of which the first 200,000 characters count. */
export function hashWords(tree: FlatTree): number {
  const words = new Set<string>();
  let characters = 0;
  for (let node = 1; node < tree.length && characters < mostCharacters; node++) {
    const number = tree.tag[node];
    if (number !== textTag) {
      if (number === tag.a || number === tag.head || (tagFlags[number] & flag.invisible) !== 0)
        node = tree.end[node] - 1;
      continue;
    }
    characters += tree.stop[node] - tree.start[node];
    for (const [word] of nodeText(tree, node)
      .toLowerCase()
      .matchAll(/\p{L}+/gu))
      if (!dateWords.has(word)) words.add(word);
  }
  return hashOf([...words].sort().join(' '));
}
