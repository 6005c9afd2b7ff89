// Reads archives record by record: .warc and .arc, plain, gzipped member by member or as one member, of any size. A damaged
// record is told with its offset and reading goes on at the next one that can be found. Reads one record by its offset, too.

import { createWindow, sourceOf, type ByteSource, type ByteWindow } from './byte-source.ts';
import { borrowMemberReader, type MemberReader } from './gzip-member.ts';
import type { Inflater } from './inflate.ts';
import { openLongMember } from './long-member.ts';
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
  /** Bytes in the file as stored; 0 for a record that shares a gzip member with the one before it, or with later ones of a long member. */
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
const readAhead = 4 * 1024 * 1024;
/** Decoded. */
const longMemberBytes = 4 * 1024 * 1024;

interface Gzipped {
  readonly window: ByteWindow;
  readonly members: MemberReader;
}

/** @example for await (const { offset, record } of readWarc(sourceOf(bytes))) … */
export async function* readWarc(source: ByteSource, options: ReadOptions = {}): AsyncGenerator<WarcEntry> {
  const window = createWindow(source);
  await window.move(options.from ?? 0, headBytes);
  const maxRecordBytes = options.maxRecordBytes ?? defaultMaxRecordBytes;
  const isGzipped = window.bytes[0] === 0x1f && window.bytes[1] === 0x8b;
  if (!isGzipped) return yield* readPlain(window, maxRecordBytes);
  using members = borrowMemberReader();
  while (window.bytes.length > 0) {
    const { offset } = window;
    const member = members.read(window.bytes, 0, Math.min(maxRecordBytes, longMemberBytes));
    if (typeof member === 'object') {
      const { storedLength } = member;
      const record = onlyRecord(member.bytes);
      // Nearly every member there is: one record, found without another generator or promise.
      if (record) yield { offset, storedLength, record };
      else yield* readShared(member.bytes, { offset, storedLength, maxRecordBytes });
      if (window.slide(offset + storedLength, headBytes)) continue;
      await window.move(offset + storedLength, headBytes);
      // Some writers pad between members.
      if (window.bytes[0] === 0) await skipToMember({ window, members }, window.offset);
    } else if (member === 'truncated' && !window.atEnd() && window.bytes.length < readAhead) {
      await window.move(offset, readAhead);
    } else {
      // Long, cut off or damaged: what can be had of it comes piece by piece.
      const next = yield* readLongMember(window, members.inflater, maxRecordBytes);
      await skipToMember({ window, members }, next);
    }
  }
}

/** The record that begins at `offset`; undefined when none does. */
export async function readRecordAt(source: ByteSource, offset: number): Promise<WarcRecord | undefined> {
  if (offset >= source.size) return undefined;
  for await (const { record } of readWarc(source, { from: offset })) return record;
  return undefined;
}

/** Records of a member that holds several, or one that is not whole. */
async function* readShared(
  bytes: Uint8Array,
  { offset, storedLength, maxRecordBytes }: { offset: number; storedLength: number; maxRecordBytes: number },
): AsyncGenerator<WarcEntry> {
  let first = true;
  for await (const { record } of readWarc(sourceOf(bytes), { maxRecordBytes })) {
    yield { offset, storedLength: first ? storedLength : 0, record: first ? record : inShared(record) };
    first = false;
  }
}

const inShared = (record: WarcRecord): WarcRecord => ({
  ...record,
  error: record.error ?? 'shares-gzip-member',
});

/** Records of a member that is decoded piece by piece; returns the offset at which the next one is looked for. */
async function* readLongMember(
  window: ByteWindow,
  inflater: Inflater,
  maxRecordBytes: number,
): AsyncGenerator<WarcEntry, number> {
  const { offset } = window;
  const member = openLongMember(window, inflater);
  // One is held back: whether it is alone, and whether it is whole, is known behind it.
  let held: WarcRecord | undefined;
  let isFirst = true;
  for await (const { record } of readPlain(member, maxRecordBytes)) {
    if (held) {
      yield { offset, storedLength: 0, record: isFirst ? held : inShared(held) };
      isFirst = false;
    }
    held = record;
  }
  const { failure, storedEnd = 0 } = member;
  // A record alone in its member is what is damaged; of many it may be any.
  const isCut = failure !== undefined && (isFirst || held?.error === 'truncated');
  if (held) {
    const record = isCut ? { ...held, error: failure } : held;
    const storedLength = isFirst && !failure ? storedEnd - offset : 0;
    yield { offset, storedLength, record: isFirst ? record : inShared(record) };
  }
  if (failure === undefined) return storedEnd;
  if (!isCut || !held) yield { offset, storedLength: 0, record: emptyRecord(failure, 0) };
  return offset + 1;
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

function emptyRecord(error: RecordError, length: number): WarcRecord {
  return { version: '', type: 'unknown', fields: [], length, block: new Uint8Array(), error };
}

/** Moves the window to the next offset at which a whole member with a record begins; to the end when there is none. */
async function skipToMember({ window, members }: Gzipped, from: number): Promise<void> {
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
    const start = members.salvage(window.bytes.subarray(0, headBytes), 0, headBytes);
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
