// A tokenizer by name, by file or from bytes.

import { readFileSync } from 'node:fs';
import { DataError, suggestName } from '@gristmill/core';
import { loadPublished, publishedNames } from './published.ts';
import type { Tokenizer } from './tokenizer.ts';
import { parseTokenizerJson } from './write-tokenizer.ts';
import { createTokenizer, type FileTokenizer } from './create-tokenizer.ts';

/**
 * @param from a published name (gpt2, cl100k_base, …), the path of a tokenizer.json, or its bytes
 * @param reference a published encoding without WebAssembly, to test the fast one against
 * @throws DataError `unknown-tokenizer`, `damaged-tokenizer` or `unsupported-tokenizer`
 */
export function loadTokenizer(from: Uint8Array): FileTokenizer;
export function loadTokenizer(from: string, reference?: boolean): Tokenizer;
export function loadTokenizer(from: string | Uint8Array, reference = false): Tokenizer {
  if (typeof from !== 'string') return createTokenizer(parseTokenizerJson(from));
  return loadPublished(from, reference) ?? createTokenizer(parseTokenizerJson(readTokenizerFile(from)));
}

function readTokenizerFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DataError(
      'unknown-tokenizer',
      `there is no tokenizer ${path}`,
      suggestName(
        path,
        publishedNames,
        `give the path of a tokenizer.json, or one of ${publishedNames.join(', ')}`,
      ),
      { cause },
    );
  }
}
