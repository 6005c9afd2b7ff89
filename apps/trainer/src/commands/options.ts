// Reading numbers from the command line.

import { DataError } from '@gristmill/core';

interface Range {
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

/** @throws DataError `wrong-option` */
export function readNumber(
  option: string,
  text: string,
  { least = -Infinity, most = Infinity, whole }: Range = {},
): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isSafeInteger(value))) return value;
  const kind = whole ? 'an integer' : 'a number';
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new DataError('wrong-option', `${option} cannot be ${text}`, `it is ${kind} ${range}`);
}

/** @throws DataError `wrong-option` */
export function readThreads(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readNumber('--threads', text, { least: 1, most: 256, whole: true });
}
