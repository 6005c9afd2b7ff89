// One column of one row group as Parquet keeps it: a single data page (version 2), PLAIN, its values zstd-compressed
// where that saves something. The bytes depend on the values alone. Our own writer and reader of this one page form
// are several times as fast as a general library's (decision 012); pyarrow and hyparquet read the same files.

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalJson, DataError, type Column, type Json, type Value } from '@gristmill/core';
import { writeVarint } from './thrift-writer.ts';

/** Values of fewer bytes than this are stored as they are: compressing them costs more than it saves. */
const compressFrom = 1024;
/** Level 1 takes 6 % more room than 3 and writes half as fast again (docs/log.md, Engine). */
const level = { [constants.ZSTD_c_compressionLevel]: 1 };
const mostHeaderBytes = 64;

export interface EncodedPage {
  /** Header, levels and values; valid until the next call. */
  readonly bytes: Uint8Array;
  /** What `bytes` would be without compression; equal when it is not compressed. */
  readonly rawBytes: number;
}

// Buffers of this thread, used again and again: an encoded page is copied before the next is made.
let plain = Buffer.allocUnsafeSlow(1 << 16);
let page = Buffer.allocUnsafeSlow(1 << 16);

export function encodePage(column: Column, values: readonly Value[]): EncodedPage {
  return packPage(plainPage(column, values));
}

/** Valid until the next call. */
export function plainPage(column: Column, values: readonly Value[]): PlainPage {
  const spelled = column.type === 'json' ? values.map((value) => spellJson(value)) : values;
  const present = column.optional ? spelled.filter((value) => value !== undefined) : spelled;
  plain = withRoom(plain, mostPlainBytes(column, present));
  const length = writePlain(column, present, plain);
  const levels = column.optional
    ? levelBytes((i) => spelled[i] !== undefined, { rows: values.length, present: present.length })
    : noBytes;
  const nulls = values.length - present.length;
  return { rows: values.length, nulls, levels, raw: plain.subarray(0, length) };
}

/** What a page says before it is compressed. */
export interface PlainPage {
  readonly rows: number;
  readonly nulls: number;
  /** As they stand in the page; none for a column that is not optional. */
  readonly levels: Uint8Array;
  /** The values that are there, as PLAIN lays them out. */
  readonly raw: Uint8Array;
}

export function packPage({ rows, nulls, levels, raw }: PlainPage): EncodedPage {
  const packed = raw.length < compressFrom ? undefined : compress(raw);
  const isPacked = packed !== undefined && packed.length < raw.length;
  const body = isPacked ? packed : raw;
  page = withRoom(page, mostHeaderBytes + levels.length + body.length);
  const sizes = { rows, nulls, levels: levels.length, raw: raw.length, body: body.length };
  const start = writeHeader(page, { ...sizes, isPacked });
  page.set(levels, start);
  page.set(body, start + levels.length);
  const total = start + levels.length + body.length;
  return { bytes: page.subarray(0, total), rawBytes: total - body.length + raw.length };
}

const noBytes = new Uint8Array(0);

export function withRoom(buffer: Buffer<ArrayBuffer>, bytes: number): Buffer<ArrayBuffer> {
  return buffer.length >= bytes ? buffer : Buffer.allocUnsafeSlow(bytes * 2);
}

function compress(raw: Uint8Array): Uint8Array {
  return zstdCompressSync(raw, {
    params: level,
    pledgedSrcSize: raw.length,
    chunkSize: Math.max(1024, raw.length >> 1),
  });
}

export function spellJson(value: Value): string | undefined {
  return value === undefined ? undefined : canonicalJson(value as Json);
}

export function mostPlainBytes(column: Column, values: readonly Value[]): number {
  if (column.type === 'boolean') return (values.length + 7) >> 3;
  if (column.type === 'int32') return values.length * 4;
  if (column.type === 'float64') return values.length * 8;
  let bytes = 0;
  for (const value of values)
    bytes +=
      value instanceof Uint8Array ? 4 + value.length : typeof value === 'string' ? 4 + 3 * value.length : 0;
  return bytes;
}

/** @returns bytes written; throws DataError for a value of another type */
export function writePlain(column: Column, values: readonly Value[], target: Buffer): number {
  switch (column.type) {
    case 'string':
    case 'json':
      return writeTexts(column, values, target);
    case 'bytes':
      return writeByteArrays(column, values, target);
    case 'int32':
      values.forEach((value, i) => {
        if (typeof value !== 'number' || (value | 0) !== value) throw wrongValue(column, value);
        target.writeInt32LE(value, i * 4);
      });
      return values.length * 4;
    case 'float64':
      values.forEach((value, i) => {
        if (typeof value !== 'number') throw wrongValue(column, value);
        target.writeDoubleLE(value, i * 8);
      });
      return values.length * 8;
    default:
      return writeBits(column, values, target);
  }
}

function writeTexts(column: Column, values: readonly Value[], target: Buffer): number {
  let at = 0;
  for (const value of values) {
    if (typeof value !== 'string') throw wrongValue(column, value);
    const written = target.write(value, at + 4); // a lone surrogate becomes U+FFFD
    writeLength(target, at, written);
    at += 4 + written;
  }
  return at;
}

function writeByteArrays(column: Column, values: readonly Value[], target: Buffer): number {
  let at = 0;
  for (const value of values) {
    if (!(value instanceof Uint8Array)) throw wrongValue(column, value);
    writeLength(target, at, value.length);
    target.set(value, at + 4);
    at += 4 + value.length;
  }
  return at;
}

function writeLength(target: Uint8Array, at: number, length: number): void {
  target[at] = length;
  target[at + 1] = length >>> 8;
  target[at + 2] = length >>> 16;
  target[at + 3] = length >>> 24;
}

function writeBits(column: Column, values: readonly Value[], target: Uint8Array): number {
  const bytes = (values.length + 7) >> 3;
  target.fill(0, 0, bytes);
  values.forEach((value, i) => {
    if (typeof value !== 'boolean') throw wrongValue(column, value);
    if (value) target[i >> 3] |= 1 << (i & 7);
  });
  return bytes;
}

function wrongValue(column: Column, value: Value): DataError {
  if (value === undefined) {
    return new DataError(
      'missing-column-value',
      `column ${column.name} is not optional and was given nothing`,
      'this is a fault of the stage that writes it: declare the column optional or give a value',
    );
  }
  return new DataError(
    'wrong-column-value',
    `column ${column.name} is ${column.type} and was given ${typeof value} ${String(value as string).slice(0, 40)}`,
    'this is a fault of the stage that writes it: correct its columns or its values',
  );
}

/** Definition levels: one run where all values are there or none is, else a bit a value. */
export function levelBytes(
  isPresent: (row: number) => boolean,
  { rows, present }: { rows: number; present: number },
): Uint8Array {
  const packed = (rows + 7) >> 3;
  const bytes = new Uint8Array(10 + packed);
  if (present === 0 || present === rows) {
    const at = writeVarint(bytes, 0, rows * 2);
    bytes[at] = present === 0 ? 0 : 1;
    return bytes.subarray(0, at + 1);
  }
  const at = writeVarint(bytes, 0, packed * 2 + 1);
  for (let i = 0; i < rows; i++) if (isPresent(i)) bytes[at + (i >> 3)] |= 1 << (i & 7);
  return bytes.subarray(0, at + packed);
}

interface PageSizes {
  readonly rows: number;
  readonly nulls: number;
  readonly levels: number;
  readonly raw: number;
  readonly body: number;
  readonly isPacked: boolean;
}

/** A PageHeader in Thrift's compact protocol, always of this form; see parquet.thrift for the fields. */
function writeHeader(target: Uint8Array, { rows, nulls, levels, raw, body, isPacked }: PageSizes): number {
  let at = 0;
  const field = (head: number, value: number) => {
    target[at++] = head;
    at = writeVarint(target, at, value * 2);
  };
  field(0x15, 3); // type: DATA_PAGE_V2
  field(0x15, levels + raw); // uncompressed_page_size
  field(0x15, levels + body); // compressed_page_size
  target[at++] = 0x5c; // data_page_header_v2
  field(0x15, rows);
  field(0x15, nulls);
  field(0x15, rows);
  field(0x15, 0); // encoding: PLAIN
  field(0x15, levels); // definition_levels_byte_length
  field(0x15, 0); // repetition_levels_byte_length
  target[at++] = isPacked ? 0x11 : 0x12; // is_compressed
  target[at++] = 0;
  target[at++] = 0;
  return at;
}

/** A page's header, and where its levels begin. `bytes` must be what `encodePage` made: check their digest first. */
function readHeader(bytes: Uint8Array): PageSizes & { readonly start: number } {
  let at = 0;
  const field = () => {
    let [value, scale] = [0, 1];
    for (at++; bytes[at] > 0x7f; at++, scale *= 128) value += (bytes[at] & 0x7f) * scale;
    return (value + bytes[at++] * scale) / 2;
  };
  field();
  const [rawPage, bodyPage] = [field(), field()];
  at++;
  const [rows, nulls] = [field(), field()];
  field();
  field();
  const levels = field();
  field();
  const isPacked = bytes[at] === 0x11;
  return { rows, nulls, levels, raw: rawPage - levels, body: bodyPage - levels, isPacked, start: at + 3 };
}

/** Values as stages get them. Parquet's null is `undefined`; JSON is parsed. The bytes of a `bytes` column are shared. */
export function decodePage(column: Column, bytes: Uint8Array): Value[] {
  const { rows, nulls, levels, raw } = unpackPage(bytes);
  if (nulls === rows) return new Array<Value>(rows).fill(undefined);
  const values = readPlain(column, raw, rows - nulls);
  return nulls === 0 ? values : spread(values, levels, rows);
}

/** The page without its compression. The levels, and values that were not compressed, share the bytes. */
export function unpackPage(bytes: Uint8Array): PlainPage & { readonly raw: Buffer } {
  const { rows, nulls, levels, raw, isPacked, start } = readHeader(bytes);
  const stored = bytes.subarray(start + levels);
  const plain = isPacked ? zstdDecompressSync(stored, { chunkSize: Math.max(64, raw + 1) }) : stored;
  return { rows, nulls, levels: bytes.subarray(start, start + levels), raw: asBuffer(plain) };
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function readPlain(column: Column, plain: Buffer, count: number): Value[] {
  const values = new Array<Value>(count);
  switch (column.type) {
    case 'string':
    case 'json':
    case 'bytes':
      readByteArrays(column, plain, values);
      break;
    case 'int32':
      for (let i = 0; i < count; i++) values[i] = plain.readInt32LE(i * 4);
      break;
    case 'float64':
      for (let i = 0; i < count; i++) values[i] = plain.readDoubleLE(i * 8);
      break;
    case 'boolean':
      for (let i = 0; i < count; i++) values[i] = ((plain[i >> 3] >> (i & 7)) & 1) === 1;
  }
  return values;
}

function readByteArrays({ type }: Column, plain: Buffer, values: Value[]): void {
  for (let i = 0, at = 0; i < values.length; i++) {
    const from = at + 4;
    at = from + plain.readUInt32LE(at);
    if (type === 'bytes') values[i] = new Uint8Array(plain.buffer, plain.byteOffset + from, at - from);
    else if (type === 'string') values[i] = plain.toString('utf8', from, at);
    else values[i] = JSON.parse(plain.toString('utf8', from, at)) as Value;
  }
}

/** Puts `undefined` where a level says so; only called for levels of a bit a value. */
function spread(values: readonly Value[], levels: Uint8Array, rows: number): Value[] {
  const from = firstLevel(levels);
  let next = 0;
  return Array.from({ length: rows }, (_, i) =>
    ((levels[from + (i >> 3)] >> (i & 7)) & 1) === 1 ? values[next++] : undefined,
  );
}

/** Where the bits begin in levels of a bit a value. */
export function firstLevel(levels: Uint8Array): number {
  let from = 0;
  while (levels[from] > 0x7f) from++;
  return from + 1;
}
