// Hashes that name things. SHA-256 names bytes and documents; a key names a piece of configuration.

import { hash } from 'node:crypto';
import { canonicalJson, type Json } from './json.ts';

/** SHA-256 as 64 lower-case hex digits; a string is hashed as UTF-8. */
export function sha256(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

/** The identity of a JSON value: SHA-256 of its canonical form (sorted keys, no white space). */
export function hashJson(value: Json): string {
  return sha256(canonicalJson(value));
}

/**
 * A document's id: the first 128 bits of SHA-256 over its source key, as 32 hex digits.
 * The key is the canonical URL of something fetched, else source name, path and item.
 * @example documentId({ name: 'books', path: 'emma.txt', item: 'chapter-3' })
 */
export function documentId(source: { name: string; url?: string; path?: string; item?: string }): string {
  const { name, url, path, item } = source;
  const key =
    url !== undefined && item === undefined ? ['url', url] : ['item', name, url ?? path ?? '', item ?? ''];
  return sha256(canonicalJson(key)).slice(0, 32);
}
