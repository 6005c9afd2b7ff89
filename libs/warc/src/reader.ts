// Reads archives record by record: .warc and .arc, plain or gzipped member by member, of any size. A damaged record is
// told with its offset and reading goes on at the next one that can be found. Reads one record by its offset, too.

import { createWindow, sourceOf, type ByteSource, type ByteWindow } from './byte-source.ts';
import { readMember, salvageMember } from './gzip-member.ts';
import {
  findNextRecord,
  parseHead,
  skipLineEnds,
  startsWith,
  type RecordError,
  type WarcRecord,
} from './record.ts';

export interface WarcEntry {
  /** Offset in the file as stored: of the record, or of the gzip member that holds it. */
  readonly offset: number;
  /** Bytes in the file as stored; 0 for a record that shares its predecessor's member. */
  readonly storedLength: number;
  readonly record: WarcRecord;
}

export interface ReadOptions {
  /** Longest record, decoded; longer ones are told as `too-large` and skipped. */
  readonly maxRecordBytes?: number;
  /** Offset of a record to begin at. */
  readonly from?: number;
}

const defaultMaxRecordBytes = 256 * 1024 * 1024;
const headBytes = 64 * 1024;

/** @example for await (const { offset, record } of readWarc(sourceOf(bytes))) … */
export async function* readWarc(source: ByteSource, options: ReadOptions = {}): AsyncGenerator<WarcEntry> {
  const window = createWindow(source);
  await window.move(options.from ?? 0, headBytes);
  const gzipped = window.bytes[0] === 0x1f && window.bytes[1] === 0x8b;
  const maxRecordBytes = options.maxRecordBytes ?? defaultMaxRecordBytes;
  yield* gzipped ? readMembers(window, maxRecordBytes) : readPlain(window, maxRecordBytes);
}

/** The record that begins at `offset`; undefined when none does. */
export async function readRecordAt(source: ByteSource, offset: number): Promise<WarcRecord | undefined> {
  if (offset >= source.size) return undefined;
  for await (const { record } of readWarc(source, { from: offset })) return record;
  return undefined;
}

async function* readMembers(window: ByteWindow, maxRecordBytes: number): AsyncGenerator<WarcEntry> {
  let wanted = 1024 * 1024;
  while (window.bytes.length > 0) {
    const { offset } = window;
    const member = readMember(window.bytes, 0, maxRecordBytes);
    if (member === 'truncated' && !window.atEnd() && window.bytes.length <= maxRecordBytes) {
      // The member is longer than the window: look again at more of it.
      await window.move(offset, (wanted = Math.max(wanted, window.bytes.length) * 2));
      continue;
    }
    wanted = 1024 * 1024;
    if (typeof member === 'string') {
      yield damaged(window, member, maxRecordBytes);
      await skipToMember(window, offset + 1, maxRecordBytes);
      continue;
    }
    const { storedLength } = member;
    const record = onlyRecord(member.bytes);
    if (record) {
      yield { offset, storedLength, record };
      if (!window.slide(offset + storedLength, headBytes))
        await window.move(offset + storedLength, headBytes);
      continue;
    }
    let first = true;
    for await (const { record } of readWarc(sourceOf(member.bytes), { maxRecordBytes })) {
      const error = record.error ?? (first ? undefined : 'shares-gzip-member');
      yield { offset, storedLength: first ? storedLength : 0, record: error ? { ...record, error } : record };
      first = false;
    }
    await window.move(offset + storedLength, headBytes);
    // Some writers pad between members.
    if (window.bytes[0] === 0) await skipToMember(window, window.offset, maxRecordBytes);
  }
}

/** The record of a member that holds one whole record and nothing else: nearly every member there is. */
function onlyRecord(bytes: Uint8Array): WarcRecord | undefined {
  const head = parseHead(bytes, 0);
  if (!head) return undefined;
  const end = head.blockStart + head.record.length;
  if (end > bytes.length || end + 4 < bytes.length || skipLineEnds(bytes, end) !== bytes.length)
    return undefined;
  return { ...head.record, block: bytes.subarray(head.blockStart, end) };
}

/** What is left of a member that cannot be read: its head where the damage comes later. */
function damaged(window: ByteWindow, error: RecordError, maxRecordBytes: number): WarcEntry {
  const rest = error === 'truncated' ? salvageMember(window.bytes, 0, maxRecordBytes) : new Uint8Array();
  const head = parseHead(rest, 0);
  const record = head
    ? { ...head.record, block: rest.subarray(head.blockStart), error }
    : emptyRecord(error, 0);
  return { offset: window.offset, storedLength: error === 'truncated' ? window.bytes.length : 0, record };
}

function emptyRecord(error: RecordError, length: number): WarcRecord {
  return { version: '', type: 'unknown', fields: [], length, block: new Uint8Array(), error };
}

/** Moves the window to the next offset at which a whole member with a record begins; to the end when there is none. */
async function skipToMember(window: ByteWindow, from: number, maxRecordBytes: number): Promise<void> {
  for (let offset = from; ;) {
    await window.move(offset, 1024 * 1024);
    const found = Buffer.from(window.bytes.buffer, window.bytes.byteOffset, window.bytes.length).indexOf(
      Buffer.from([0x1f, 0x8b, 8]),
    );
    if (found < 0) {
      if (window.atEnd()) return window.move(window.offset + window.bytes.length, 0);
      offset += window.bytes.length - 2;
      continue;
    }
    await window.move(offset + found, headBytes);
    const start = salvageMember(window.bytes.subarray(0, headBytes), 0, maxRecordBytes);
    if (parseHead(start, 0)) return;
    offset += found + 1;
  }
}

async function* readPlain(window: ByteWindow, maxRecordBytes: number): AsyncGenerator<WarcEntry> {
  for (;;) {
    const start = skipLineEnds(window.bytes, 0);
    await window.move(window.offset + start, headBytes);
    if (start > 0 && window.bytes.length > 0) continue;
    if (window.bytes.length === 0) return;
    const entry = await readPlainRecord(window, maxRecordBytes);
    yield entry;
    if (isWhole(entry.record)) await window.move(entry.offset + entry.storedLength, headBytes);
    else await skipToRecord(window, entry.offset + Math.max(1, entry.record.block.length > 0 ? 5 : 1));
  }
}

function isWhole({ error }: WarcRecord): boolean {
  return error === undefined || error === 'too-large';
}

async function readPlainRecord(window: ByteWindow, maxRecordBytes: number): Promise<WarcEntry> {
  const { offset } = window;
  const head = parseHead(window.bytes, 0);
  if (!head) return { offset, storedLength: 0, record: emptyRecord('no-record', 0) };
  const end = head.blockStart + head.record.length;
  const tooLarge = head.record.length > maxRecordBytes;
  if (tooLarge) {
    return {
      offset,
      storedLength: end,
      record: { ...head.record, block: new Uint8Array(), error: 'too-large' },
    };
  }
  await window.move(offset, end + 4);
  const block = window.bytes.subarray(head.blockStart, end);
  const error =
    block.length < head.record.length ? 'truncated' : endsThere(window, end) ? undefined : 'bad-length';
  const record = { ...head.record, block, ...(error && { error }) } as WarcRecord;
  return { offset, storedLength: Math.min(end + lineEndsAt(window.bytes, end), window.bytes.length), record };
}

/** A record ends with two line ends, an ARC record with one, the last one of a file sometimes with none. */
function endsThere(window: ByteWindow, end: number): boolean {
  const { bytes } = window;
  return end >= bytes.length || bytes[end] === 13 || bytes[end] === 10 || startsWith(bytes, end, 'WARC/');
}

function lineEndsAt(bytes: Uint8Array, at: number): number {
  return Math.min(4, skipLineEnds(bytes.subarray(at, at + 4), 0));
}

async function skipToRecord(window: ByteWindow, from: number): Promise<void> {
  for (let offset = from; ;) {
    await window.move(offset, 1024 * 1024);
    const found = findNextRecord(window.bytes, 0);
    if (found >= 0) return window.move(offset + found, headBytes);
    if (window.atEnd()) return window.move(offset + window.bytes.length, 0);
    offset += window.bytes.length - 5;
  }
}
