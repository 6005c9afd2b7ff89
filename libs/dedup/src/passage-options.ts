// What a recipe may say to the measures of repeated passages and of repeated lines and paragraphs.

import { DataError, type Json, type JsonObject } from '@gristmill/core';
import { guaranteedRun } from './winnowing.ts';

export type PassageOptions = JsonObject & {
  /** Words of the shortest repeated passage. Default 50, at least 32. */
  readonly words?: Json;
};

export type PieceOptions = JsonObject & {
  /** Words of the shortest line or paragraph that is compared. Default 5. */
  readonly words?: Json;
};

export function passageWords(options: PassageOptions): number {
  return wordsOf(options, { name: 'passages', given: 50, least: guaranteedRun });
}

export function pieceWords(options: PieceOptions): number {
  return wordsOf(options, { name: 'paragraphs', given: 5, least: 1 });
}

function wordsOf(
  options: JsonObject,
  { name, given, least }: { name: string; given: number; least: number },
) {
  const unknown = Object.keys(options).find((option) => option !== 'words');
  if (unknown !== undefined)
    throw new DataError('wrong-option', `${name} has no option ${unknown}`, 'its option: words');
  const { words = given } = options;
  if (typeof words === 'number' && Number.isInteger(words) && words >= least && words <= 1000) return words;
  throw new DataError(
    'wrong-option',
    `${name}.words is ${JSON.stringify(words)}`,
    `it is an integer from ${least} to 1000`,
  );
}
