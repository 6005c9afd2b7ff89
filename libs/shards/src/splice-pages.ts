// One row group made of rows of earlier row groups and of new rows, column by column, as bytes: values that stay are
// neither made nor spelled again, and a column that comes out as it was is not compressed again. The bytes are those that
// `encodePage` would give for the same values.

import type { Column, Row } from '@gristmill/core';
import {
  levelBytes,
  mostPlainBytes,
  packPage,
  plainPage,
  spellJson,
  withRoom,
  writePlain,
  type EncodedPage,
  type PlainPage,
} from './column-page.ts';
import type { RawGroup } from './raw-group.ts';
import { isPresent, type RawPage } from './raw-page.ts';

/** Rows in the order in which they are to lie: some that follow each other in an earlier row group, or a new one. */
export type Segment =
  { readonly group: RawGroup; readonly from: number; readonly to: number } | { readonly row: Row };

export const countRows = (segments: readonly Segment[]): number =>
  segments.reduce((sum, piece) => sum + ('row' in piece ? 1 : piece.to - piece.from), 0);

let spliced = Buffer.allocUnsafeSlow(1 << 16);

export interface SplicedPage extends EncodedPage {
  /** Valid until the next call. Undefined for a page that was there before. */
  readonly plain?: PlainPage;
}

export function splicePage(column: Column, segments: readonly Segment[], rows: number): SplicedPage {
  const isWhole = segments.every((segment) => 'row' in segment);
  if (isWhole) {
    const values = segments.map((segment) => (segment as { row: Row }).row[column.name]);
    const plain = plainPage(column, values);
    return { ...packPage(plain), plain };
  }
  if (isEmpty(column, segments)) return emptyPage(rows);
  const { length, there, present } = gather(column, segments, rows);
  const raw = column.type === 'boolean' ? packBits(length) : spliced.subarray(0, length);
  const kept = unchangedPage(column, segments, { rows, length, there, present });
  if (kept) return kept;
  const levels = column.optional
    ? levelBytes((row) => there[row] === 1, { rows, present })
    : new Uint8Array(0);
  const plain = { rows, nulls: rows - present, levels, raw };
  return { ...packPage(plain), plain };
}

/** True for a column without any value, as most optional ones are. */
function isEmpty(column: Column, segments: readonly Segment[]): boolean {
  if (!column.optional) return false;
  return segments.every((segment) => {
    if ('row' in segment) return segment.row[column.name] === undefined;
    const page = segment.group.page(column.name);
    return page === undefined || page.starts[segment.from] === page.starts[segment.to];
  });
}

const emptyPages = new Map<number, SplicedPage>();

/** The page of so many rows without a value: the same for every column. */
function emptyPage(rows: number): SplicedPage {
  const known = emptyPages.get(rows);
  if (known) return known;
  const levels = levelBytes(() => false, { rows, present: 0 });
  const plain = { rows, nulls: rows, levels, raw: new Uint8Array(0) };
  const { bytes, rawBytes } = packPage(plain);
  const page = { bytes: Buffer.from(bytes), rawBytes, plain };
  emptyPages.set(rows, page);
  return page;
}

interface Gathered {
  /** Bytes in `spliced`. */
  readonly length: number;
  /** Row → 1 when it has a value. */
  readonly there: Uint8Array;
  readonly present: number;
}

/** Puts the values one after the other into `spliced`, a byte for each boolean. */
function gather(column: Column, segments: readonly Segment[], rows: number): Gathered {
  const there = new Uint8Array(rows);
  let [length, row, present] = [0, 0, 0];
  for (const segment of segments) {
    if ('row' in segment) {
      const added = addValue(column, segment.row, length);
      if (added > 0) [there[row], length, present] = [1, length + added, present + 1];
      row++;
      continue;
    }
    const page = segment.group.page(column.name);
    if (page) {
      length += addRows(page, segment, length);
      present += markPresent(page, segment, there, row);
    }
    row += segment.to - segment.from;
  }
  return { length, there, present };
}

/** @param at where the segment's rows lie in `there` @returns how many of its rows have a value */
function markPresent(
  page: RawPage,
  { from, to }: { from: number; to: number },
  there: Uint8Array,
  at: number,
): number {
  if (page.nulls === 0) {
    there.fill(1, at, at + to - from);
    return to - from;
  }
  let present = 0;
  for (let row = from; row < to; row++) {
    if (!isPresent(page, row)) continue;
    there[at + row - from] = 1;
    present++;
  }
  return present;
}

/** @returns bytes written; 0 for no value */
function addValue(column: Column, row: Row, at: number): number {
  const value = row[column.name];
  const spelled = column.type === 'json' ? spellJson(value) : value;
  if (spelled === undefined && column.optional) return 0;
  makeRoom(at, Math.max(8, mostPlainBytes(column, [spelled])));
  // A single boolean takes the lowest bit of its byte.
  return writePlain(column, [spelled], spliced.subarray(at));
}

function addRows(page: RawPage, { from, to }: { from: number; to: number }, at: number): number {
  const [start, end] = [page.starts[from], page.starts[to]];
  makeRoom(at, end - start);
  page.plain.copy(spliced, at, start, end);
  return end - start;
}

function makeRoom(used: number, bytes: number): void {
  const larger = withRoom(spliced, used + bytes);
  if (larger !== spliced) spliced.copy(larger, 0, 0, used);
  spliced = larger;
}

function packBits(count: number): Uint8Array {
  const bits = new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) bits[i >> 3] |= spliced[i] << (i & 7);
  return bits;
}

/** The page of the one earlier row group that all rows come from, when none of its values changed. */
function unchangedPage(
  column: Column,
  segments: readonly Segment[],
  { rows, length, there, present }: { rows: number } & Gathered,
): EncodedPage | undefined {
  const groups = new Set(segments.map((segment) => ('row' in segment ? undefined : segment.group)));
  groups.delete(undefined);
  const [group] = groups;
  const page = group?.page(column.name);
  if (groups.size !== 1 || page?.rows !== rows || page.starts[rows] !== length) return undefined;
  if (page.plain.compare(spliced, 0, length, 0, length) !== 0) return undefined;
  if (page.nulls !== rows - present) return undefined;
  for (let row = 0; row < rows && present < rows; row++)
    if (isPresent(page, row) !== (there[row] === 1)) return undefined;
  return group!.stored(column.name);
}
