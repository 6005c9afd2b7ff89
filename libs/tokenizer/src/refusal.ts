// What is said of a tokenizer.json that cannot be used: refused by name, never guessed.

import { DataError } from '@gristmill/core';

/** Something that Gristmill does not read. */
export function unsupported(what: string): DataError {
  return new DataError(
    'unsupported-tokenizer',
    `this tokenizer.json uses ${what}, which Gristmill does not read`,
    'see docs/tokenizers.md for what is read, or train one with gristmill train-tokenizer',
  );
}

/** Something that no tokenizer.json holds. */
export function damaged(what: string): DataError {
  return new DataError('damaged-tokenizer', what, 'take tokenizer.json from its source again');
}
