// What becomes of an item that is longer than a model reads: it is cut, left out or refused, and never without a word.

import { DataError, suggestName } from '@gristmill/core';

export const tooLongPolicies = ['cut', 'skip', 'refuse'] as const;
export type TooLongPolicy = (typeof tooLongPolicies)[number];

/** @throws DataError `wrong-option` */
export function readTooLong(name: string): TooLongPolicy {
  const found = tooLongPolicies.find((policy) => policy === name);
  if (found) return found;
  const known = tooLongPolicies.join(', ');
  throw new DataError(
    'wrong-option',
    `--too-long cannot be ${name}`,
    suggestName(name, tooLongPolicies, `it is one of ${known}`),
  );
}

/** Looks at lengths and counts those that do not fit. */
export interface LengthCheck {
  /** Whether the item is used; where its policy is `cut`, the caller cuts it. @throws DataError `text-too-long` */
  accepts(id: string, tokens: number): boolean;
  readonly count: number;
  /** What was done with them, as a sentence; undefined where all fitted. */
  describe(): string | undefined;
}

export function createLengthCheck(policy: TooLongPolicy, most: number): LengthCheck {
  let count = 0;
  return {
    accepts(id, tokens) {
      if (tokens <= most) return true;
      if (policy === 'refuse')
        throw new DataError(
          'text-too-long',
          `item ${id} has ${tokens} tokens, and the model reads ${most}`,
          'shorten it, or give --too-long cut or skip',
        );
      count++;
      return policy === 'cut';
    },
    get count() {
      return count;
    },
    describe: () =>
      count === 0
        ? undefined
        : `${count} ${count === 1 ? 'item' : 'items'} longer than the ${most} tokens that the model reads ` +
          `${count === 1 ? 'was' : 'were'} ${policy === 'cut' ? 'cut' : 'left out'}`,
  };
}
