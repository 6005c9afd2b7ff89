// One record of an archive, and how it is cut out of decoded bytes: WARC 0.18 to 1.1 (ISO 28500) and ARC 1 and 2.
// Damage is told by `error` beside what could be read; nothing throws.

import { fieldOf, parseFields, type Fields } from './fields.ts';

export interface WarcRecord {
  /** `WARC/1.0`, `ARC/1`, … */
  readonly version: string;
  /** response, request, warcinfo, metadata, revisit, resource, conversion, continuation; ARC: warcinfo or response. */
  readonly type: string;
  readonly url?: string;
  /** As written; ARC's fourteen digits become ISO 8601. */
  readonly date?: string;
  /** An ARC record's fields are given WARC's names. */
  readonly fields: Fields;
  /** Content-Length as declared. */
  readonly length: number;
  /** The block: what follows the fields; shorter than `length` when truncated. */
  readonly block: Uint8Array;
  readonly error?: RecordError;
}

export type RecordError =
  /** The file ends inside the record. */
  | 'truncated'
  /** No end of record where Content-Length says. */
  | 'bad-length'
  /** Bytes where a record should begin. */
  | 'no-record'
  | 'bad-gzip'
  | 'too-large'
  /** Readable, but in the gzip member of the record before: no random access. */
  | 'shares-gzip-member';

export interface RecordHead {
  readonly record: Omit<WarcRecord, 'block' | 'error'>;
  /** Where the block begins. */
  readonly blockStart: number;
}

/** Reads the head of the record at `start`; undefined when none begins there or its fields do not end. */
export function parseHead(bytes: Uint8Array, start: number): RecordHead | undefined {
  return startsWith(bytes, start, 'WARC/') ? parseWarcHead(bytes, start) : parseArcHead(bytes, start);
}

export function startsWith(bytes: Uint8Array, at: number, ascii: string): boolean {
  for (let i = 0; i < ascii.length; i++) if (bytes[at + i] !== ascii.charCodeAt(i)) return false;
  return true;
}

function parseWarcHead(bytes: Uint8Array, start: number): RecordHead | undefined {
  const head = parseFields(bytes, start);
  if (!head) return undefined;
  const length = Number(fieldOf(head.fields, 'content-length'));
  if (!Number.isSafeInteger(length) || length < 0) return undefined;
  // wget 1.x and the 0.18 drafts put the URI between angle brackets.
  const url = fieldOf(head.fields, 'warc-target-uri')?.replace(/^<(.*)>$/, '$1');
  const record = {
    version: head.startLine.trim(),
    type: (fieldOf(head.fields, 'warc-type') ?? '').toLowerCase(),
    url,
    date: fieldOf(head.fields, 'warc-date'),
    fields: head.fields,
    length,
  };
  return { record, blockStart: head.end };
}

/** URL IP date type [result checksum location offset filename] length; the URL may hold blanks, so from the right. */
const arcLine = /^(\S.*?) (\S+) (\d{8,14}) (\S+)((?: \S+){5})? (\d+)\s*$/;

function parseArcHead(bytes: Uint8Array, start: number): RecordHead | undefined {
  const end = bytes.indexOf(10, start);
  if (end < 0 || end - start > 65536) return undefined;
  const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const match = arcLine.exec(line);
  if (!match) return undefined;
  const [, url, ip, stamp, mediaType, second, length] = match;
  const isHeader = url.startsWith('filedesc://');
  const record = {
    version: second ? 'ARC/2' : 'ARC/1',
    type: isHeader ? 'warcinfo' : 'response',
    ...(!isHeader && { url }),
    date: isoDate(stamp),
    fields: [
      ['WARC-Target-URI', url],
      ['WARC-IP-Address', ip],
      ['Content-Type', mediaType],
      ['Content-Length', length],
    ] as const,
    length: Number(length),
  };
  return { record, blockStart: end + 1 };
}

function isoDate(stamp: string): string {
  const [, y, m, d, h = '00', min = '00', s = '00'] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?/.exec(stamp) ?? [];
  return `${y}-${m}-${d}T${h}:${min}:${s}Z`;
}

/** Index of the first byte at or after `start` that is no line end. */
export function skipLineEnds(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] === 10 || bytes[at] === 13) at++;
  return at;
}

/** Index of the next line that begins a WARC record, after a damaged one; -1 when there is none. */
export function findNextRecord(bytes: Uint8Array, start: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = buffer.indexOf('\nWARC/', Math.max(0, start - 1), 'latin1');
  return found < 0 ? -1 : found + 1;
}
