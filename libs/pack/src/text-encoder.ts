// The pinned tokenizer as pack needs it: text in, little-endian tokens out, of the width that its vocabulary needs.
// A special token's spelling inside a text is ordinary text. Parsed once a thread.

import { DataError, sha256, type Artefacts } from '@gristmill/core';
import { tokenTypeOf, type TokenType } from '@gristmill/shards';
import { loadTokenizer, type Tokenizer } from '@gristmill/tokenizer';
import { encodeTurns } from './conversation.ts';
import type { ResolvedPackOptions } from './pack-options.ts';

export interface TokenizerFacts {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly vocabSize: number;
  readonly endOfText: number;
  readonly dtype: TokenType;
  /** Bytes of a token. */
  readonly width: 2 | 4;
  /** Tokens out of a `documents` row. */
  decode(bytes: Uint8Array): Uint16Array | Uint32Array;
}

export interface EncodedText {
  readonly count: number;
  readonly tokens: Uint8Array;
  /** One byte a token and one for end-of-text: 1 where the loss is taken. Absent = everywhere. */
  readonly mask?: Uint8Array;
}

export interface TextEncoder {
  encode(text: string): EncodedText;
  /** A conversation: the loss is taken on answers and on the token that ends each. */
  encodeConversation(text: string): EncodedText;
}

let last: { readonly sha256: string; readonly tokenizer: Tokenizer } | undefined;

/** @throws DataError when nothing is pinned, or the tokenizer lacks the end-of-text token */
export function describeTokenizer(artefacts: Artefacts, options: ResolvedPackOptions): TokenizerFacts {
  const bytes = artefacts.get(options.tokenizer);
  if (bytes === undefined) {
    throw new DataError(
      'no-tokenizer',
      `no tokenizer is pinned under the name ${options.tokenizer}`,
      'add the stage `tokenizer` to the recipe before pack, or pin one',
    );
  }
  const tokenizer = load(bytes);
  const endOfText = findEndOfText(tokenizer, options.endOfText);
  if (endOfText === undefined) {
    throw new DataError(
      'no-end-of-text',
      `the tokenizer has no token ${options.endOfText}`,
      'set the option endOfText of pack to its end-of-text token',
    );
  }
  const dtype = tokenTypeOf(tokenizer.vocabSize);
  return {
    bytes,
    sha256: sha256(bytes),
    vocabSize: tokenizer.vocabSize,
    endOfText,
    dtype,
    width: dtype === 'uint16' ? 2 : 4,
    decode: (stored) => viewTokens(stored, dtype),
  };
}

// T5's and BERT's, where a recipe names none.
const otherEnds = ['</s>', '[SEP]'];

function findEndOfText(tokenizer: Tokenizer, token: string): number | undefined {
  const tokens = token === '<|endoftext|>' ? [token, ...otherEnds] : [token];
  const known = tokens.find((end) => tokenizer.specialTokens.has(end)) ?? token;
  return tokenizer.specialTokens.get(known) ?? tokenizer.tokenId(known);
}

export function openTextEncoder(artefacts: Artefacts, options: ResolvedPackOptions): TextEncoder {
  const { bytes, dtype } = describeTokenizer(artefacts, options);
  const tokenizer = load(bytes);
  const store = (ids: ArrayLike<number>) => {
    const tokens = dtype === 'uint16' ? Uint16Array.from(ids) : Uint32Array.from(ids);
    return { count: tokens.length, tokens: new Uint8Array(tokens.buffer) };
  };
  return {
    encode: (text) => store(tokenizer.encode(text)),
    encodeConversation(text) {
      const { ids, mask } = encodeTurns(tokenizer, text);
      return { ...store(ids), mask };
    },
  };
}

function load(bytes: Uint8Array): Tokenizer {
  const digest = sha256(bytes);
  if (last?.sha256 !== digest) last = { sha256: digest, tokenizer: loadTokenizer(bytes) };
  return last.tokenizer;
}

/** Copied, since a row's bytes need not be aligned. */
function viewTokens(stored: Uint8Array, dtype: TokenType): Uint16Array | Uint32Array {
  const { buffer } = stored.slice();
  return dtype === 'uint16' ? new Uint16Array(buffer) : new Uint32Array(buffer);
}
