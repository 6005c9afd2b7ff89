// The tokenizer of a model directory, as the trainer needs it.

import { DataError } from '@gristmill/core';

export interface TextTokenizer {
  readonly vocabSize: number;
  encode(text: string): number[];
  /** With what the tokenizer's file sets around a text, such as [CLS] and [SEP]. */
  encodeWhole(text: string): number[];
  /** The token that is spelt so, special ones too. */
  tokenId(spelling: string): number | undefined;
  /** The bytes of tokens; a character may be cut between tokens. */
  decodeBytes(tokens: ArrayLike<number>): Uint8Array;
  /** The text of tokens that stand beside each other. */
  decode(tokens: ArrayLike<number>): string;
  /** A token's bytes in GPT-2's alphabet; nothing for a special token. */
  spellBytes(token: number): string;
  /** UTF-8 bytes that tokens stand for. */
  countBytes(tokens: ArrayLike<number>): number;
}

/** @throws DataError `tokenizer-missing` when the model directory holds none */
export async function openTextTokenizer(
  bytes: Uint8Array | undefined,
  directory: string,
): Promise<TextTokenizer> {
  if (bytes === undefined)
    throw new DataError(
      'tokenizer-missing',
      `${directory} holds no tokenizer.json`,
      'put the tokenizer that the model was trained with beside its config.json',
    );
  const { bytesToText, loadTokenizer } = await import('@gristmill/tokenizer'); // training needs none
  const tokenizer = loadTokenizer(bytes);
  const special = new Set(tokenizer.specialTokens.values());
  const lengths = new Map<number, number>();
  const lengthOf = (token: number): number => {
    const found = lengths.get(token) ?? tokenizer.decodeBytes([token]).length;
    lengths.set(token, found);
    return found;
  };
  return {
    vocabSize: tokenizer.vocabSize,
    encode: (text) => [...tokenizer.encode(text)],
    encodeWhole: (text) => [...tokenizer.encode(text, { addSpecialTokens: true })],
    tokenId: (spelling) => tokenizer.tokenId(spelling),
    decodeBytes: (tokens) => tokenizer.decodeBytes(tokens),
    decode: (tokens) => tokenizer.decode(tokens),
    spellBytes: (token) =>
      special.has(token) ? '' : bytesToText(tokenizer.tokenBytes(token) ?? new Uint8Array(0)),
    countBytes: (tokens) => Array.from(tokens).reduce((sum, token) => sum + lengthOf(token), 0),
  };
}
