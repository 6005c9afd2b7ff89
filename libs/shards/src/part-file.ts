// The file of a part: its footer, and its chunks as bytes, read with few calls and checked against what was committed.

import { createHash } from 'node:crypto';
import { sha256 } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { keepFooter, keptFooter } from './kept-pages.ts';
import { magic, ownBytes, parseOwn, sum } from './parquet-footer.ts';
import { chunkDigest, damagedPart, type PartEntry, type PartFooter } from './part-footer.ts';
import type { StoredGroup } from './part-writer.ts';

export interface Opened {
  readonly footer: PartFooter;
  /** True when the file was checked as a whole. */
  isVerified: boolean;
  /** Where each row group begins, and the end of the last. */
  readonly starts: Float64Array;
}

/** Ranges that lie closer than this are read as one. */
const gapBytes = 16 * 1024;
const windowBytes = 4 * 1024 * 1024;
const aheadBytes = 1024 * 1024;

export async function openFile(store: Store, entry: PartEntry): Promise<Opened> {
  const found = await store.stat(entry.path);
  if (!found) throw damagedPart(entry.path, 'it is missing');
  if (found.size !== entry.bytes)
    throw damagedPart(entry.path, `it has ${found.size} bytes instead of ${entry.bytes}`);
  let footer = keptFooter(entry.footer);
  if (!footer) {
    footer = parseOwn(await readOwnFooter(store, entry), entry.path);
    keepFooter(entry.footer, footer);
  }
  const starts = new Float64Array(footer.groups.length + 1);
  starts[0] = magic.length;
  footer.groups.forEach(({ sizes }, i) => (starts[i + 1] = starts[i] + sum(sizes)));
  return { footer, starts, isVerified: false };
}

const pieceBytes = 1024 * 1024;
/** Memory for a piece, when nobody uses it: taken anew for each file it makes the collector run again and again. */
let idle: Uint8Array | undefined;

/** Checks the whole file, where it lies in a folder. @returns false where it was not checked */
export async function checkFile(store: Store, entry: PartEntry): Promise<boolean> {
  if (store.folder === undefined) return false;
  const room = idle ?? Buffer.allocUnsafeSlow(pieceBytes);
  idle = undefined;
  const hash = createHash('sha256');
  for (let at = 0; at < entry.bytes; at += pieceBytes)
    hash.update(await store.read(entry.path, at, Math.min(pieceBytes, entry.bytes - at), room));
  idle = room;
  if (hash.digest('hex') !== entry.sha256)
    throw damagedPart(entry.path, 'it has other bytes than were written');
  return true;
}

/** The end of the file from the footer's JSON on. */
async function readOwnFooter(store: Store, entry: PartEntry): Promise<Uint8Array> {
  const guess = Math.min(entry.bytes, 64 * 1024);
  let tail = await store.read(entry.path, entry.bytes - guess, guess);
  const length = ownBytes(tail, entry.path);
  if (length > entry.bytes) throw damagedPart(entry.path, 'its footer is longer than the file');
  if (length > guess) tail = await store.read(entry.path, entry.bytes - length, length);
  const own = tail.subarray(tail.length - length);
  if (sha256(own).slice(0, 32) !== entry.footer)
    throw damagedPart(entry.path, 'its footer is not the one that was committed');
  return own;
}

/** A range of the file, and the column that lies in it. */
interface Chunk {
  readonly column: number;
  readonly from: number;
  readonly to: number;
}
interface Window {
  readonly groups: { readonly index: number; readonly chunks: Chunk[] }[];
  bytes: number;
}

/** Row groups put together so that one window is read with few calls and bounded memory. */
export function* windows(
  opened: Opened,
  indexes: readonly number[],
  columns: readonly string[],
): Generator<Window> {
  const chosen = fileColumnIndexes(opened.footer, columns);
  let window: Window = { groups: [], bytes: 0 };
  for (const index of indexes) {
    const chunks = chunksOf(opened, index, chosen);
    const bytes = chunks.reduce((total, { from, to }) => total + to - from, 0);
    if (window.groups.length > 0 && window.bytes + bytes > windowBytes) {
      yield window;
      window = { groups: [], bytes: 0 };
    }
    window.groups.push({ index, chunks });
    window.bytes += bytes;
  }
  if (window.groups.length > 0) yield window;
}

export function fileColumnIndexes(footer: PartFooter, columns: readonly string[]): number[] {
  const names = new Set([footer.key, ...columns]);
  return footer.columns.flatMap(({ name }, index) => (names.has(name) ? [index] : []));
}

/** @param columns ascending */
export function chunksOf({ footer, starts }: Opened, group: number, columns: readonly number[]): Chunk[] {
  const { sizes } = footer.groups[group];
  let [at, next] = [starts[group], 0];
  return columns.map((column) => {
    while (next < column) at += sizes[next++];
    return { column, from: at, to: at + sizes[column] };
  });
}

export async function* readWindow(
  store: Store,
  entry: PartEntry,
  window: Window,
): AsyncGenerator<GroupBytes> {
  const slices = await readRanges(
    store,
    entry.path,
    window.groups.flatMap(({ chunks }) => chunks),
  );
  let next = 0;
  for (const { index, chunks } of window.groups) {
    const own = slices.slice(next, (next += chunks.length));
    yield { index, chunks, slices: own };
  }
}

export interface GroupBytes {
  readonly index: number;
  readonly chunks: readonly Chunk[];
  /** One a chunk. */
  readonly slices: readonly Uint8Array[];
}

/** The chosen chunks of one row group, neighbours or not, by one read. */
export async function readChunks(
  readAhead: ReadAhead,
  { starts }: Opened,
  index: number,
  chunks: Chunk[],
): Promise<GroupBytes> {
  const [from, to] = [chunks[0].from, chunks.at(-1)!.to];
  const bytes = await readAhead(from, to, starts.at(-1)!);
  return { index, chunks, slices: chunks.map((chunk) => bytes.subarray(chunk.from - from, chunk.to - from)) };
}

export type ReadAhead = (from: number, to: number, end: number) => Promise<Uint8Array>;

/** Who reads row group after row group gets them out of one read of a megabyte. */
export function createReadAhead(store: Store, entry: PartEntry): ReadAhead {
  let held: Uint8Array = new Uint8Array(0);
  let start = 0;
  return async (from, to, end) => {
    if (from < start || to > start + held.length) {
      held = await store.read(entry.path, from, Math.max(to, Math.min(end, from + aheadBytes)) - from);
      start = from;
    }
    return held.subarray(from - start, to - start);
  };
}

/** Reads ascending ranges, neighbours as one. @returns their bytes */
async function readRanges(store: Store, path: string, ranges: readonly Chunk[]): Promise<Uint8Array[]> {
  const slices: Uint8Array[] = [];
  for (let first = 0, end; first < ranges.length; first = end) {
    end = first + 1;
    while (end < ranges.length && ranges[end].from - ranges[end - 1].to <= gapBytes) end++;
    const start = ranges[first].from;
    const block = await store.read(path, start, ranges[end - 1].to - start);
    for (const { from, to } of ranges.slice(first, end))
      slices.push(block.subarray(from - start, to - start));
  }
  return slices;
}

interface ChunkFacts {
  readonly index: number;
  readonly column: string;
  readonly digest: string;
}

export function checkChunk(entry: PartEntry, { index, column, digest }: ChunkFacts, bytes: Uint8Array): void {
  if (chunkDigest(bytes) === digest) return;
  throw damagedPart(entry.path, `column ${column} of row group ${index} has other bytes than were written`);
}

export async function readStoredGroups(
  readAhead: ReadAhead,
  entry: PartEntry,
  opened: Opened,
  first: number,
  count: number,
): Promise<StoredGroup[]> {
  const { footer, starts, isVerified } = opened;
  const start = starts[first];
  const bytes = await readAhead(start, starts[first + count], starts.at(-1)!);
  const all = footer.columns.map((_, column) => column);
  return footer.groups.slice(first, first + count).map((group, i) => {
    for (const { column, from, to } of isVerified ? [] : chunksOf(opened, first + i, all)) {
      const facts = { index: first + i, column: footer.columns[column].name, digest: group.digests[column] };
      checkChunk(entry, facts, bytes.subarray(from - start, to - start));
    }
    return { footer: group, bytes: bytes.subarray(starts[first + i] - start, starts[first + i + 1] - start) };
  });
}
