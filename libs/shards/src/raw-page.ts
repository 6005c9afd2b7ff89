// A column of a row group as bytes, row by row, without values made of them: what an update compares, copies and splices.
// Two rows are equal exactly when their bytes are; JSON is spelled canonically when it is written.

import type { Column, Value } from '@gristmill/core';
import { asBuffer, firstLevel, readPlain, unpackPage, type PlainPage } from './column-page.ts';

export interface RawPage {
  readonly rows: number;
  /** Rows without a value. */
  readonly nulls: number;
  /** Values as PLAIN lays them out, but a byte for each boolean. */
  readonly plain: Buffer;
  /** Row → where its bytes begin, and the end of the last. A row without a value has none. */
  readonly starts: Uint32Array;
}

/** Bytes before each text or byte array of a page: its length. */
export const lengthBytes = 4;

/** @param bytes a page whose digest was checked */
export function readRawPage(column: Column, bytes: Uint8Array): RawPage {
  return rawPageOf(column, unpackPage(bytes));
}

/** A page that shares nothing with what it was made from. */
export function ownRawPage(column: Column, page: PlainPage): RawPage {
  return rawPageOf(column, column.type === 'boolean' ? page : { ...page, raw: Buffer.from(page.raw) });
}

function rawPageOf(column: Column, { rows, nulls, levels, raw }: PlainPage): RawPage {
  const plain = column.type === 'boolean' ? spreadBits(raw, rows - nulls) : asBuffer(raw);
  const width = widths[column.type];
  if (width !== undefined && nulls === 0) return { rows, nulls, plain, starts: evenStarts(rows, width) };
  const starts = new Uint32Array(rows + 1);
  const isMixed = nulls > 0 && nulls < rows;
  const first = isMixed ? firstLevel(levels) : 0;
  let at = 0;
  for (let row = 0; row < rows && nulls < rows; row++) {
    starts[row] = at;
    const isThere = !isMixed || ((levels[first + (row >> 3)] >> (row & 7)) & 1) === 1;
    if (isThere) at += width ?? lengthBytes + plain.readUInt32LE(at);
  }
  starts[rows] = at;
  return { rows, nulls, plain, starts };
}

const evens = new Map<number, Uint32Array>();

/** Starts of rows of one width. */
function evenStarts(rows: number, width: number): Uint32Array {
  const name = rows * 8 + width - 1;
  let starts = evens.get(name);
  if (!starts) {
    starts = new Uint32Array(rows + 1);
    for (let row = 1; row <= rows; row++) starts[row] = row * width;
    if (evens.size < mostEvens) evens.set(name, starts);
  }
  return starts;
}

const mostEvens = 256;
const widths: Partial<Record<Column['type'], number>> = { boolean: 1, int32: 4, float64: 8 };

function spreadBits(bits: Uint8Array, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  for (let i = 0; i < count; i++) bytes[i] = (bits[i >> 3] >> (i & 7)) & 1;
  return bytes;
}

/** Bytes of the texts or byte arrays of some rows. */
export function sumBytes(page: RawPage, from: number, to: number): number {
  if (page.nulls === 0) return page.starts[to] - page.starts[from] - lengthBytes * (to - from);
  let bytes = 0;
  for (let row = from; row < to; row++) bytes += valueBytes(page, row);
  return bytes;
}

/** False also for a column that the part lacks. */
export function isPresent(page: RawPage | undefined, row: number): page is RawPage {
  return page !== undefined && page.starts[row + 1] > page.starts[row];
}

/** Bytes of a text or a byte array; 0 for a row without one. */
function valueBytes({ starts }: RawPage, row: number): number {
  return Math.max(0, starts[row + 1] - starts[row] - lengthBytes);
}

export function rawValue(column: Column, { plain, starts }: RawPage, row: number): Value {
  const [from, to] = [starts[row], starts[row + 1]];
  if (from === to) return undefined;
  if (column.type === 'boolean') return plain[from] === 1;
  return readPlain(column, plain.subarray(from, to), 1)[0];
}

export function sameRow(a: RawPage, i: number, b: RawPage, j: number): boolean {
  const [from, to] = [a.starts[i], a.starts[i + 1]];
  const [other, end] = [b.starts[j], b.starts[j + 1]];
  return to - from === end - other && a.plain.compare(b.plain, other, end, from, to) === 0;
}
