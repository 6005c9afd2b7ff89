// Writes WARC/1.1 records (ISO 28500:2017), each its own gzip member. The bytes are a function of what is written alone:
// the record id is a hash of the content, the date is given, the gzip header holds no time.

import { sha256 } from '@gristmill/core';
import { sha1Digest } from './digest.ts';
import type { Fields } from './fields.ts';
import { writeMember } from './gzip-member.ts';

export interface NewRecord {
  readonly type: 'warcinfo' | 'response' | 'request' | 'revisit' | 'metadata' | 'resource';
  readonly url?: string;
  /** ISO 8601, UTC; the moment of the fetch. */
  readonly date: string;
  /** Media type of the block; by type when left out. */
  readonly contentType?: string;
  readonly block: Uint8Array;
  /** Payload inside the block (the HTTP body), for its digest. */
  readonly payload?: Uint8Array;
  /** Digest of a payload that is not in the block: of what a revisit found again. */
  readonly payloadDigest?: string;
  /** Further fields, for example WARC-Concurrent-To. */
  readonly fields?: Fields;
}

const contentTypes: Readonly<Record<NewRecord['type'], string>> = {
  warcinfo: 'application/warc-fields',
  response: 'application/http; msgtype=response',
  request: 'application/http; msgtype=request',
  revisit: 'application/http; msgtype=response',
  metadata: 'application/warc-fields',
  resource: 'application/octet-stream',
};

const blockDigests = new WeakMap<Uint8Array, string>();

/** Once for each block: its own record and those concurrent to it name it. */
function blockDigest(block: Uint8Array): string {
  let digest = blockDigests.get(block);
  if (digest === undefined) blockDigests.set(block, (digest = sha1Digest(block)));
  return digest;
}

/** The record's id: the same for the same type, URL, date and block. */
export function recordId({ type, url = '', date, block }: NewRecord): string {
  const hex = sha256(`${type}\n${url}\n${date}\n${blockDigest(block)}`);
  // Version 8 of RFC 9562: a UUID whose bits are the maker's affair.
  return `<urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}>`;
}

/** The record as WARC text and block, not compressed. */
export function formatRecord(record: NewRecord): Uint8Array {
  const { type, url, date, block, payload, fields = [] } = record;
  const payloadDigest = record.payloadDigest ?? (payload && sha1Digest(payload));
  const lines: Fields = [
    ['WARC-Type', type],
    ...(url === undefined ? [] : ([['WARC-Target-URI', url]] as const)),
    ['WARC-Date', date],
    ['WARC-Record-ID', recordId(record)],
    ...(payloadDigest === undefined ? [] : ([['WARC-Payload-Digest', payloadDigest]] as const)),
    ['WARC-Block-Digest', blockDigest(block)],
    ...fields,
    ['Content-Type', record.contentType ?? contentTypes[type]],
    ['Content-Length', String(block.length)],
  ];
  const head = lines.map(([name, value]) => `${name}: ${oneLine(value)}\r\n`).join('');
  return Buffer.concat([Buffer.from(`WARC/1.1\r\n${head}\r\n`), block, Buffer.from('\r\n\r\n')]);
}

/** The record as one gzip member, ready to be appended to a .warc.gz. */
export function encodeRecord(record: NewRecord): Uint8Array {
  return writeMember(formatRecord(record));
}

/** The block of a response record: status line, headers and body as given. */
export function formatResponse(
  status: number,
  statusText: string,
  headers: Fields,
  body: Uint8Array,
): Uint8Array {
  return Buffer.concat([headBytes(`HTTP/1.1 ${status} ${oneLine(statusText)}`, headers), body]);
}

/** The block of a request record: what was sent to the server of `url`. */
export function formatRequest(method: string, url: string, headers: Fields): Uint8Array {
  const { pathname, search } = new URL(url);
  return headBytes(`${method} ${pathname}${search} HTTP/1.1`, headers);
}

/** One byte for each character, as the wire had it; a value that was decoded from UTF-8 is written so. */
function headBytes(startLine: string, headers: Fields): Uint8Array {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${oneLine(value)}`), '', ''];
  const isWide = (line: string): boolean => /[^\0-\xff]/.test(line);
  return Buffer.concat(
    lines.map((line, index) =>
      Buffer.from(index < lines.length - 1 ? `${line}\r\n` : line, isWide(line) ? 'utf8' : 'latin1'),
    ),
  );
}

/** The block of a warcinfo or metadata record (application/warc-fields). */
export function formatInfo(fields: Fields): Uint8Array {
  return Buffer.from(fields.map(([name, value]) => `${name}: ${oneLine(value)}\r\n`).join(''));
}

/** No value may end its line early. */
function oneLine(value: string): string {
  return value.replace(/[\r\n]+/g, ' ');
}
