// The version that the corpus' own files carry: another one is told, never guessed.

import { DataError } from '@gristmill/core';

export const corpusVersion = 1;

export function checkVersion(what: string, version: number, expected = corpusVersion): void {
  if (version === expected) return;
  const [age, advice] =
    version > expected
      ? ['newer', 'update Gristmill']
      : ['older', 'build the corpus again with this Gristmill'];
  throw new DataError(
    'corpus-version',
    `${what} has format version ${version}, which is ${age} than ${expected}`,
    advice,
  );
}
