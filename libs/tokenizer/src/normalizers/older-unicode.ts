// Classes of characters and normalisation forms as Hugging Face's tokenizers knows them: Unicode's, less what was
// assigned after its tables were made (older-unicode-table.ts).

import { olderUnicode } from './older-unicode-table.ts';

/** The inside of a class for the v flag. */
function spell(ranges: string): string {
  if (ranges === '') return '';
  return ranges
    .split(' ')
    .map((range) => range.replace(/[0-9a-f]+/g, (point) => `\\u{${point}}`))
    .join('');
}

const older = (inside: string, theirs: string, ours: string): string =>
  `[[${inside}${spell(theirs)}]--[${spell(ours)}]]`;

/** Classes for the v flag. */
export const nonspacingMark = older(
  '\\p{Mn}',
  olderUnicode.nonspacingMarkTheirs,
  olderUnicode.nonspacingMarkOurs,
);
export const mark = older('\\p{M}', olderUnicode.markTheirs, olderUnicode.markOurs);
export const punctuation = older(
  '\\p{P}$+<=>\\^`\\|~',
  olderUnicode.punctuationTheirs,
  olderUnicode.punctuationOurs,
);

/** Added to Unicode since its regular expressions were made; the inside of a class. */
export const newerCharacters = spell(olderUnicode.assignedOurs);

/** What no script is known for. */
export const unknownScript = `[${spell(olderUnicode.anyScriptTheirs)}]`;

export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

const untouched: Readonly<Record<NormalForm, RegExp>> = {
  NFC: patternOf(''),
  NFD: patternOf(olderUnicode.NFDTheirs),
  NFKD: patternOf(olderUnicode.NFKDTheirs),
  NFKC: patternOf(olderUnicode.NFKCTheirs),
};

/** Characters that the form leaves alone, and marks that it does not put in order. */
function patternOf(ranges: string): RegExp {
  return new RegExp(`([${spell(ranges)}${spell(olderUnicode.reorderedOurs)}]+)`, 'v');
}

export function normalizeForm(text: string, form: NormalForm): string {
  const newer = untouched[form];
  if (!newer.test(text)) return text.normalize(form);
  return text
    .split(newer)
    .map((part, i) => (i % 2 === 1 ? part : part.normalize(form)))
    .join('');
}
