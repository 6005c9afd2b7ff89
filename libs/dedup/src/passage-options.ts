// What a recipe may say to the measures of repeated passages and of repeated lines and paragraphs.

import { resolveOptions, type JsonObject, type OptionSchema, type OptionsOf } from '@gristmill/core';
import { guaranteedRun } from './winnowing.ts';

export const passageOptions = {
  words: {
    type: 'integer',
    default: 50,
    least: guaranteedRun,
    most: 1000,
    description: 'Words of the shortest repeated passage.',
  },
} as const satisfies OptionSchema;
export type PassageOptions = OptionsOf<typeof passageOptions>;

export const pieceOptions = {
  words: {
    type: 'integer',
    default: 5,
    least: 1,
    most: 1000,
    description: 'Words of the shortest line or paragraph that is compared.',
  },
} as const satisfies OptionSchema;
export type PieceOptions = OptionsOf<typeof pieceOptions>;

export function passageWords(options: JsonObject): number {
  return resolveOptions(passageOptions, options, { name: 'passages', code: 'wrong-option' }).words;
}

export function pieceWords(options: JsonObject): number {
  return resolveOptions(pieceOptions, options, { name: 'paragraphs', code: 'wrong-option' }).words;
}
