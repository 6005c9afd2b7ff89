// Trains WordPiece as Hugging Face does: byte-pair merges over characters, of which those inside a word carry ##; the
// merged tokens are the vocabulary. Where Hugging Face numbers the ## characters in the order of a hash table, ours go by
// code point, so the result does not depend on the order of texts.

import { DataError } from '@gristmill/core';
import { specialToken, type TokenizerJson } from '../tokenizer-json.ts';
import type { WordCounts } from './counted-words.ts';
import { mergeSpelled, type SpelledWord } from './merge-kernel.ts';
import { countCharacters, keepCommon } from './alphabet.ts';
import { bertNormalizer } from './word-counts.ts';

export interface WordPieceOptions {
  /** Special tokens and the alphabet included. */
  readonly vocabSize: number;
  readonly special?: readonly string[];
  readonly minFrequency?: number;
  readonly lowercase?: boolean;
  /** Characters kept, the most frequent ones. */
  readonly alphabetSize?: number;
}

const prefix = '##';
export const bertTokens: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** @throws DataError `vocabulary-too-small` when the alphabet does not fit */
export function trainWordPiece(
  counts: WordCounts,
  {
    vocabSize,
    special = bertTokens,
    minFrequency = 2,
    lowercase = false,
    alphabetSize = 1000,
  }: WordPieceOptions,
): TokenizerJson<object> {
  const alphabet = keepCommon(countCharacters(counts), alphabetSize);
  const tokens = [...special];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const add = (token: string): void => {
    if (!ids.has(token)) ids.set(token, tokens.push(token) - 1);
  };
  for (const character of alphabet) add(character);
  const inner = new Set<string>();
  for (const word of counts.keys()) for (const character of Array.from(word).slice(1)) inner.add(character);
  for (const character of alphabet) if (inner.has(character)) add(prefix + character);
  if (!Number.isInteger(vocabSize) || vocabSize < tokens.length) throw tooSmall(vocabSize, tokens.length);

  // Two pairs may spell one token: it keeps its id.
  const name = (left: number, right: number): { id: number; isNew: boolean } | undefined => {
    if (tokens.length >= vocabSize) return undefined;
    const token = tokens[left] + tokens[right].slice(prefix.length);
    const isNew = !ids.has(token);
    add(token);
    return { id: ids.get(token)!, isNew };
  };
  mergeSpelled(spellAll(counts, ids), { vocabSize, minFrequency, name });
  return describe(Object.fromEntries(ids), special, lowercase);
}

function* spellAll(counts: WordCounts, ids: ReadonlyMap<string, number>): Generator<SpelledWord> {
  for (const [word, count] of counts) yield { ids: spell(word, ids), count };
}

function spell(word: string, ids: ReadonlyMap<string, number>): number[] {
  const spelled: number[] = [];
  let isFirst = true;
  for (const character of word) {
    const id = ids.get(isFirst ? character : prefix + character);
    if (id !== undefined) spelled.push(id);
    isFirst = false;
  }
  return spelled;
}

export function tooSmall(vocabSize: number, least: number): DataError {
  return new DataError(
    'vocabulary-too-small',
    `a vocabulary of ${vocabSize} does not hold the ${least} characters and special tokens`,
    `give at least ${least}`,
  );
}

function describe(
  vocab: Readonly<Record<string, number>>,
  special: readonly string[],
  lowercase: boolean,
): TokenizerJson<object> {
  const [before, after] = [special.indexOf('[CLS]'), special.indexOf('[SEP]')];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(specialToken),
    normalizer: bertNormalizer(lowercase),
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor:
      before < 0 || after < 0
        ? null
        : { type: 'BertProcessing', sep: ['[SEP]', after], cls: ['[CLS]', before] },
    decoder: { type: 'WordPiece', prefix, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: prefix,
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}
