// Trains a byte-level BPE: the most frequent pair of tokens merges, until the vocabulary is full. Ties go to the lesser
// pair of ids, as in Hugging Face's trainer, so the result does not depend on the order of the texts. As there, a merge
// that spells a token which exists gives that token.
// Reference: Sennrich, Haddow, Birch 2016, "Neural Machine Translation of Rare Words with Subword Units".

import { DataError } from '@gristmill/core';
import { byteToCharacter } from '../byte-alphabet.ts';
import { byteOrder, writeTokenizerJson, type TokenizerJson } from '../tokenizer-json.ts';
import type { CountedWords } from './counted-words.ts';
import { mergeByKernel } from './merge-kernel.ts';

export interface TrainOptions {
  /** Special tokens and the 256 bytes included. */
  readonly vocabSize: number;
  /** They get the first ids. */
  readonly special?: readonly string[];
  /** Pairs seen less often are not merged. */
  readonly minFrequency?: number;
}

/** DataError `vocabulary-too-small` below special tokens + 256. */
export function trainByteLevelBpe(
  words: CountedWords,
  { vocabSize, special = ['<|endoftext|>'], minFrequency = 2 }: TrainOptions,
): TokenizerJson {
  const ids = new Map<string, number>();
  const tokens: string[] = [];
  const idOf = (token: string): number => {
    const known = ids.get(token);
    if (known !== undefined) return known;
    ids.set(token, tokens.length);
    return tokens.push(token) - 1;
  };
  for (const token of special) idOf(token);
  const byteIds = new Int32Array(256);
  for (const byte of byteOrder) byteIds[byte] = idOf(byteToCharacter[byte]);
  refuseTooSmall(vocabSize, tokens.length);
  const merges: (readonly [string, string])[] = [];
  const name = (left: number, right: number): { id: number; isNew: boolean } | undefined => {
    if (tokens.length >= vocabSize) return undefined;
    const size = tokens.length;
    merges.push([tokens[left], tokens[right]]);
    return { id: idOf(tokens[left] + tokens[right]), isNew: tokens.length > size };
  };
  mergeByKernel(words, byteIds, { vocabSize, minFrequency, name });
  return writeTokenizerJson({ tokens, merges, special });
}

function refuseTooSmall(vocabSize: number, smallest: number): void {
  if (Number.isInteger(vocabSize) && vocabSize >= smallest) return;
  throw new DataError(
    'vocabulary-too-small',
    `a vocabulary of ${vocabSize} does not hold the ${smallest} bytes and special tokens`,
    `give at least ${smallest}`,
  );
}
