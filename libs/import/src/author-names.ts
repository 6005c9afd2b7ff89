// Names of authors, replaced: HMAC-SHA-256 (RFC 2104) under a key of the environment, so that the posts of one author stay
// together and nobody without the key finds out who it is. The key's own number is part of what acquire is keyed by.

import { createHmac } from 'node:crypto';
import { DataError } from '@gristmill/core';

const variable = 'GRISTMILL_AUTHOR_KEY';
const leastKeyBytes = 16;

export interface AuthorNames {
  /** @example pseudonym('Ann') // 'user-3f9a1c0b52de' */
  pseudonym(name: string): string;
  /** Tells keys apart, and says nothing of them. */
  readonly keyId: string;
}

/** @throws DataError `no-author-key` */
export function openAuthorNames(key = process.env[variable]): AuthorNames {
  if (key === undefined || Buffer.byteLength(key) < leastKeyBytes) {
    throw new DataError(
      'no-author-key',
      key
        ? `${variable} is shorter than ${leastKeyBytes} bytes`
        : `names of authors need a key, and ${variable} is not set`,
      `set it to a secret that you keep: export ${variable}=$(openssl rand -hex 32); or leave names out: authors: 'drop'`,
    );
  }
  const digest = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  return {
    pseudonym: (name) => `user-${digest(`author ${name.normalize('NFC').toLowerCase()}`).slice(0, 12)}`,
    keyId: digest('key').slice(0, 8),
  };
}
