// How many distinct texts can be told apart in pairs: the pair (a, b) of n texts is the double a × n + b, exact below 2^53.

import { DataError } from '@gristmill/core';

export const mostPairedTexts = Math.floor(Math.sqrt(Number.MAX_SAFE_INTEGER));

/** @throws DataError `too-many-texts`, before any pair is lost */
export function checkPairable(texts: number): number {
  if (texts <= mostPairedTexts) return texts;
  const [found, most] = [texts, mostPairedTexts].map((count) => count.toLocaleString('en-US'));
  throw new DataError(
    'too-many-texts',
    `there are ${found} distinct texts, and duplicates are found among ${most} at most`,
    'build several corpora, for example one for each group of languages, and train on all of them',
  );
}
