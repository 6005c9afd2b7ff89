// Reads one part: opened on first use, only the chunks that are asked for, each checked against its digest. The
// length, the footer and the digests are checked against what the marker says, so a part is never half believed.

import { createHash } from 'node:crypto';
import { sha256, type Row, type Value } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { decodePage } from './column-page.ts';
import { createRawGroup, knownPages, type RawGroup } from './raw-group.ts';
import { keepFooter, keptFooter } from './kept-pages.ts';
import { magic, ownBytes, parseOwn, sum } from './parquet-footer.ts';
import { changesBetween } from './part-changes.ts';
import { chunkDigest, damagedPart, type PartEntry, type PartFooter } from './part-footer.ts';
import type { StoredGroup } from './part-writer.ts';
import { groupsAround, groupsOfKeys, hexToBits, isUnder, sideOf } from './row-groups.ts';
import { readRawPage, type RawPage } from './raw-page.ts';
import type { Batch, PartReader } from './table.ts';

export type { RawPage };

/** A part with what the engine needs beyond reading: its row groups, and their bytes for copying. */
export interface StoredPart extends PartReader {
  readonly entry: PartEntry;
  footer(): Promise<PartFooter>;
  readGroup(index: number, columns: readonly string[]): Promise<Batch>;
  /** A row group without its values made; all columns unless some are named. */
  rawGroup(index: number, columns?: readonly string[]): Promise<RawGroup>;
  /**
   * Checks the whole file at once, where it lies in a folder: who reads most of it need not check chunk by chunk.
   * DataError `part-damaged` when it is not what was committed.
   */
  verify(): Promise<void>;
  /** Consecutive row groups as compressed bytes, read together. */
  storedGroups(first: number, count: number): Promise<StoredGroup[]>;
}

interface Opened {
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

export function openPart(store: Store, entry: PartEntry): StoredPart {
  let opening: Promise<Opened> | undefined;
  const open = () => (opening ??= openFile(store, entry));
  const readAhead = createReadAhead(store, entry);

  async function* groupBytes(
    indexes: readonly number[],
    columns: readonly string[],
  ): AsyncGenerator<GroupBytes> {
    for (const window of windows(await open(), indexes, columns)) yield* readWindow(store, entry, window);
  }

  /** The row groups that may hold some of these keys, which are sorted. */
  async function* groupsWith(keys: readonly string[], columns: readonly string[]): AsyncGenerator<RawGroup> {
    const opened = await open();
    const { footer } = opened;
    const indexes = groupsOfKeys(footer.groups, keys);
    const known = indexes.map((index) => knownPages(footer, index, [footer.key, ...columns]));
    const unknown = groupBytes(
      indexes.filter((_, i) => !known[i]),
      columns,
    );
    for (const [i, index] of indexes.entries()) {
      const pages = known[i];
      if (pages) yield createRawGroup(footer, index, { pages });
      else yield rawGroupOf(entry, opened, (await unknown.next()).value as GroupBytes);
    }
  }

  const part: StoredPart = {
    entry,
    partition: entry.partition,
    rows: entry.rows,
    digests: entry.columns,
    footer: async () => (await open()).footer,
    async readGroup(index, columns) {
      const opened = await open();
      const chunks = chunksOf(opened, index, fileColumnIndexes(opened.footer, columns));
      return decodeGroup(entry, opened, await readChunks(readAhead, opened, index, chunks), columns);
    },
    async rawGroup(index, columns) {
      const opened = await open();
      const { footer } = opened;
      const names = columns ?? footer.columns.map(({ name }) => name);
      const pages = columns && knownPages(footer, index, [footer.key, ...columns]);
      if (pages) return createRawGroup(footer, index, { pages });
      const chunks = chunksOf(opened, index, fileColumnIndexes(footer, names));
      return rawGroupOf(entry, opened, await readChunks(readAhead, opened, index, chunks));
    },
    async verify() {
      const opened = await open();
      if (opened.isVerified || store.folder === undefined) return;
      await checkFile(store, entry);
      opened.isVerified = true;
    },
    async storedGroups(first, count) {
      return readStoredGroups(readAhead, entry, await open(), first, count);
    },
    async *batches(columns, options) {
      if (entry.rows === 0) return;
      const { groups } = (await open()).footer;
      const bits = hexToBits(options?.prefix ?? '');
      const [first, last] = groupsAround(groups, bits);
      const indexes = Array.from({ length: last - first }, (_, i) => first + i);
      for await (const bytes of groupBytes(indexes, columns)) {
        const batch = decodeGroup(entry, await open(), bytes, columns);
        const kept = bits === '' ? batch : select(batch, (key) => isUnder(key, bits));
        if (kept.rows > 0) yield kept;
      }
    },
    async *readRows(columns, options) {
      const { key } = entry.rows === 0 ? { key: 'id' } : (await open()).footer;
      for await (const batch of part.batches(columns, options)) yield* batchRows(batch, key, columns);
    },
    async get(keys, columns) {
      if (entry.rows === 0 || keys.length === 0) return [];
      const { key } = (await open()).footer;
      const sorted = [...new Set(keys)].sort();
      const rows: Row[] = [];
      let next = 0;
      for await (const group of groupsWith(sorted, columns)) {
        const { prefix } = group.footer;
        while (next < sorted.length && sideOf(sorted[next], prefix) < 0) next++;
        for (let i = next; i < sorted.length && sideOf(sorted[i], prefix) === 0; i++)
          rows.push(...rowsOfKey(group, sorted[i], { key, columns }));
      }
      return rows;
    },
    async *pages(columns) {
      if (entry.rows === 0) return;
      const opened = await open();
      for await (const bytes of groupBytes([...opened.footer.groups.keys()], columns)) {
        yield { rows: opened.footer.groups[bytes.index].rows, pages: pagesOf(entry, opened, bytes) };
      }
    },
    changes: (previous, columns) => changesBetween(previous as StoredPart | undefined, part, columns),
  };
  return part;
}

async function openFile(store: Store, entry: PartEntry): Promise<Opened> {
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

async function checkFile(store: Store, entry: PartEntry): Promise<void> {
  const hash = createHash('sha256');
  for (let at = 0; at < entry.bytes; at += windowBytes)
    hash.update(await store.read(entry.path, at, Math.min(windowBytes, entry.bytes - at)));
  if (hash.digest('hex') !== entry.sha256)
    throw damagedPart(entry.path, 'it has other bytes than were written');
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
function* windows(opened: Opened, indexes: readonly number[], columns: readonly string[]): Generator<Window> {
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

function fileColumnIndexes(footer: PartFooter, columns: readonly string[]): number[] {
  const names = new Set([footer.key, ...columns]);
  return footer.columns.flatMap(({ name }, index) => (names.has(name) ? [index] : []));
}

/** @param columns ascending */
function chunksOf({ footer, starts }: Opened, group: number, columns: readonly number[]): Chunk[] {
  const { sizes } = footer.groups[group];
  let [at, next] = [starts[group], 0];
  return columns.map((column) => {
    while (next < column) at += sizes[next++];
    return { column, from: at, to: at + sizes[column] };
  });
}

async function* readWindow(store: Store, entry: PartEntry, window: Window): AsyncGenerator<GroupBytes> {
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

interface GroupBytes {
  readonly index: number;
  readonly chunks: readonly Chunk[];
  /** One a chunk. */
  readonly slices: readonly Uint8Array[];
}

function decodeGroup(
  entry: PartEntry,
  { footer, isVerified }: Opened,
  { index, chunks, slices }: GroupBytes,
  columns: readonly string[],
): Batch {
  const { rows, digests } = footer.groups[index];
  const values: Record<string, Value[]> = {};
  for (const [i, { column }] of chunks.entries()) {
    const described = footer.columns[column];
    if (!isVerified) checkChunk(entry, { index, column: described.name, digest: digests[column] }, slices[i]);
    values[described.name] = decodePage(described, slices[i]);
  }
  for (const name of columns) values[name] ??= new Array<Value>(rows).fill(undefined);
  return { rows, keys: values[footer.key] as string[], columns: values };
}

function rawGroupOf(entry: PartEntry, opened: Opened, bytes: GroupBytes): RawGroup {
  return createRawGroup(opened.footer, bytes.index, { stored: checkedChunks(entry, opened, bytes) });
}

/** Column → its chunk. */
function checkedChunks(
  entry: PartEntry,
  { footer, isVerified }: Opened,
  { index, chunks, slices }: GroupBytes,
): Map<string, Uint8Array> {
  const stored = new Map<string, Uint8Array>();
  for (const [i, { column }] of chunks.entries()) {
    const { name } = footer.columns[column];
    const digest = footer.groups[index].digests[column];
    if (!isVerified) checkChunk(entry, { index, column: name, digest }, slices[i]);
    stored.set(name, slices[i]);
  }
  return stored;
}

function pagesOf(entry: PartEntry, opened: Opened, bytes: GroupBytes): Record<string, RawPage> {
  const types = new Map(opened.footer.columns.map((column) => [column.name, column]));
  const chunks = checkedChunks(entry, opened, bytes);
  return Object.fromEntries([...chunks].map(([name, chunk]) => [name, readRawPage(types.get(name)!, chunk)]));
}

function rowsOfKey(
  group: RawGroup,
  wanted: string,
  { key, columns }: { key: string; columns: readonly string[] },
): Row[] {
  const rows: Row[] = [];
  for (let i = group.rowFrom(wanted); i < group.rows && group.key(i) === wanted; i++) {
    const row: Record<string, Value> = { [key]: wanted };
    for (const name of columns) row[name] = group.value(name, i);
    rows.push(row as Row);
  }
  return rows;
}

/** The chosen chunks of one row group, neighbours or not, by one read. */
async function readChunks(
  readAhead: ReadAhead,
  { starts }: Opened,
  index: number,
  chunks: Chunk[],
): Promise<GroupBytes> {
  const [from, to] = [chunks[0].from, chunks.at(-1)!.to];
  const bytes = await readAhead(from, to, starts.at(-1)!);
  return { index, chunks, slices: chunks.map((chunk) => bytes.subarray(chunk.from - from, chunk.to - from)) };
}

type ReadAhead = (from: number, to: number, end: number) => Promise<Uint8Array>;

/** Who reads row group after row group gets them out of one read of a megabyte. */
function createReadAhead(store: Store, entry: PartEntry): ReadAhead {
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

function checkChunk(entry: PartEntry, { index, column, digest }: ChunkFacts, bytes: Uint8Array): void {
  if (chunkDigest(bytes) === digest) return;
  throw damagedPart(entry.path, `column ${column} of row group ${index} has other bytes than were written`);
}

async function readStoredGroups(
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

function select(batch: Batch, keep: (key: string) => boolean): Batch {
  const indexes = batch.keys.flatMap((key, index) => (keep(key) ? [index] : []));
  if (indexes.length === batch.rows) return batch;
  const columns: Record<string, Value[]> = {};
  for (const [name, values] of Object.entries(batch.columns)) columns[name] = indexes.map((i) => values[i]);
  return { rows: indexes.length, keys: indexes.map((i) => batch.keys[i]), columns };
}

export function* batchRows(batch: Batch, key: string, columns: readonly string[]): Generator<Row> {
  for (let i = 0; i < batch.rows; i++) {
    const row: Record<string, Value> = { [key]: batch.keys[i] };
    for (const name of columns) row[name] = batch.columns[name][i];
    yield row as Row;
  }
}
