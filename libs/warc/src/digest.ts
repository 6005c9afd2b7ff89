// Digests as WARC writes them: `sha1:` with Base32 (RFC 4648) or hex digits, sha256 likewise, md5 in hex.

import { createHash, hash } from 'node:crypto';
import { fieldOf } from './fields.ts';
import { parseHttp, payloadOf } from './http-message.ts';
import type { WarcRecord } from './record.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Without padding, as archives write it. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) text += alphabet[(value >>> (bits -= 5)) & 31];
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text;
}

/** `sha1:` and Base32, the customary form. */
export function sha1Digest(bytes: Uint8Array): string {
  return `sha1:${base32(hash('sha1', bytes, 'buffer'))}`;
}

/** Compares a digest as written with the bytes; undefined for an algorithm that is not known. */
export function matchesDigest(written: string, bytes: Uint8Array): boolean | undefined {
  const [, name, value] = /^([\w-]+):(\S+)$/.exec(written.trim()) ?? [];
  const algorithm = name?.toLowerCase().replace('-', '');
  if (algorithm !== 'sha1' && algorithm !== 'sha256' && algorithm !== 'sha512' && algorithm !== 'md5')
    return undefined;
  const digest = createHash(algorithm).update(bytes).digest();
  const plain = value.replace(/(?<!=)=+$/, '');
  return plain.toLowerCase() === digest.toString('hex') || plain.toUpperCase() === base32(digest);
}

/**
 * Checks the digests of block and payload; undefined when the record has none that can be checked. A revisit's payload
 * digest speaks of another record. Writers disagree on whether the payload of a chunked response counts with its
 * chunks: either is taken.
 */
export function checkDigests(record: WarcRecord): boolean | undefined {
  const blockDigest = fieldOf(record.fields, 'warc-block-digest');
  const payloadDigest = fieldOf(record.fields, 'warc-payload-digest');
  const results = [blockDigest === undefined ? undefined : matchesDigest(blockDigest, record.block)];
  if (payloadDigest !== undefined && record.type !== 'revisit') {
    const message = parseHttp(record);
    const stored = matchesDigest(payloadDigest, message?.body ?? record.block);
    results.push(stored === false && message ? matchesDigest(payloadDigest, payloadOf(message)) : stored);
  }
  const known = results.filter((result) => result !== undefined);
  return known.length ? known.every(Boolean) : undefined;
}
