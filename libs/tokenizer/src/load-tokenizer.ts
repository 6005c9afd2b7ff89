// A tokenizer by name, by file or from bytes.

import { readFileSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { loadPublished, publishedNames } from './published.ts';
import type { Tokenizer } from './tokenizer.ts';
import { createTokenizer, type TokenizerJson } from './tokenizer-json.ts';

/**
 * @param from a published name (gpt2, cl100k_base, …), the path of a tokenizer.json, or its bytes
 * @param reference a published encoding without WebAssembly, to test the fast one against
 * @throws DataError `unknown-tokenizer`, `damaged-tokenizer` or `unsupported-tokenizer`
 */
export function loadTokenizer(from: string | Uint8Array, reference = false): Tokenizer {
  if (typeof from !== 'string') return createTokenizer(parse(new TextDecoder().decode(from)));
  return loadPublished(from, reference) ?? createTokenizer(parse(readTokenizerFile(from)));
}

function readTokenizerFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DataError(
      'unknown-tokenizer',
      `there is no tokenizer ${path}`,
      `give the path of a tokenizer.json, or one of ${publishedNames.join(', ')}`,
      { cause },
    );
  }
}

function parse(text: string): TokenizerJson {
  try {
    const json = JSON.parse(text) as TokenizerJson;
    if (json !== null && typeof json === 'object' && 'model' in json)
      return { ...json, added_tokens: json.added_tokens ?? [] };
  } catch {
    // falls through to the same error
  }
  throw new DataError('damaged-tokenizer', 'this is no tokenizer.json', 'take it from its source again');
}
