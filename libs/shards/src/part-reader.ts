// Reads one part: opened on first use, only the chunks that are asked for, each checked against its digest. The
// length, the footer and the digests are checked against what the marker says, so a part is never half believed.

import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetSchema, type FileMetaData, type RowGroup, type SchemaTree } from 'hyparquet';
import { readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { DataError, sha256, type Column, type Row, type Value } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import {
  chunkDigest,
  damagedPart,
  footerName,
  parseFooter,
  type PartEntry,
  type PartFooter,
} from './part-footer.ts';
import { changesBetween } from './part-changes.ts';
import { chunkRange, type StoredGroup } from './part-writer.ts';
import { hexToBits, isUnder, overlap } from './row-groups.ts';
import { columnElement, decodeValues } from './table-schema.ts';
import type { Batch, PartReader } from './table.ts';

/** A part with what the engine needs beyond reading: its row groups, and their bytes for copying. */
export interface StoredPart extends PartReader {
  readonly entry: PartEntry;
  footer(): Promise<PartFooter>;
  readGroup(index: number, columns: readonly string[]): Promise<Batch>;
  /** Consecutive row groups as compressed bytes, read together. */
  storedGroups(first: number, count: number): Promise<StoredGroup[]>;
}

interface Opened {
  readonly footer: PartFooter;
  readonly metadata: FileMetaData;
  readonly tree: SchemaTree;
}

/** Ranges that lie closer than this are read as one. */
const gapBytes = 16 * 1024;
const windowBytes = 4 * 1024 * 1024;

export function openPart(store: Store, entry: PartEntry): StoredPart {
  let opening: Promise<Opened> | undefined;
  const open = () => (opening ??= openFile(store, entry));

  async function* groupBatches(
    indexes: readonly number[],
    columns: readonly string[],
  ): AsyncGenerator<Batch> {
    const opened = await open();
    for (const window of windows(opened, indexes, columns))
      yield* readWindow(store, entry, opened, window, columns);
  }

  const part: StoredPart = {
    entry,
    partition: entry.partition,
    rows: entry.rows,
    digests: entry.columns,
    footer: async () => (await open()).footer,
    async readGroup(index, columns) {
      for await (const batch of groupBatches([index], columns)) return batch;
      throw damagedPart(entry.path, `it has no row group ${index}`);
    },
    async storedGroups(first, count) {
      return readStoredGroups(store, entry, await open(), first, count);
    },
    async *batches(columns, options) {
      if (entry.rows === 0) return;
      const { groups } = (await open()).footer;
      const bits = hexToBits(options?.prefix ?? '');
      const indexes = groups.flatMap(({ prefix }, index) => (overlap(prefix, bits) ? [index] : []));
      for await (const batch of groupBatches(indexes, columns)) {
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
      const { groups, key } = (await open()).footer;
      const wanted = new Set(keys);
      const indexes = groups.flatMap(({ prefix }, index) =>
        keys.some((id) => isUnder(id, prefix)) ? [index] : [],
      );
      const rows: Row[] = [];
      for await (const batch of groupBatches(indexes, columns)) {
        rows.push(
          ...batchRows(
            select(batch, (id) => wanted.has(id)),
            key,
            columns,
          ),
        );
      }
      return rows;
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
  const bytes = await readFooter(store, entry);
  try {
    const metadata = parquetMetadata(bytes);
    const text = metadata.key_value_metadata?.find(({ key }) => key === footerName)?.value;
    return { footer: parseFooter(text, entry.path), metadata, tree: parquetSchema(metadata) };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw damagedPart(entry.path, 'its footer cannot be read', error);
  }
}

/** The end of the file from the footer on: as much as hyparquet needs. */
async function readFooter(store: Store, entry: PartEntry): Promise<ArrayBuffer> {
  const guess = Math.min(entry.bytes, 64 * 1024);
  let tail = await store.read(entry.path, entry.bytes - guess, guess);
  const length = new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getUint32(guess - 8, true) + 8;
  if (length > entry.bytes) throw damagedPart(entry.path, 'its footer is longer than the file');
  if (length > guess) tail = await store.read(entry.path, entry.bytes - length, length);
  const footer = tail.subarray(tail.length - length);
  if (sha256(footer).slice(0, 32) !== entry.footer)
    throw damagedPart(entry.path, 'its footer is not the one that was committed');
  return tail.buffer.slice(tail.byteOffset, tail.byteOffset + tail.byteLength) as ArrayBuffer;
}

interface Chunk {
  readonly column: Column;
  readonly columnIndex: number;
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
    const chunks = chosen.map((columnIndex) => {
      const [from, to] = chunkRange(opened.metadata.row_groups[index].columns[columnIndex].meta_data!);
      return { column: opened.footer.columns[columnIndex], columnIndex, from, to };
    });
    const bytes = chunks.reduce((sum, { from, to }) => sum + to - from, 0);
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

async function* readWindow(
  store: Store,
  entry: PartEntry,
  opened: Opened,
  window: Window,
  columns: readonly string[],
): AsyncGenerator<Batch> {
  const slices = await readRanges(
    store,
    entry.path,
    window.groups.flatMap(({ chunks }) => chunks),
  );
  for (const { index, chunks } of window.groups) {
    const group = opened.footer.groups[index];
    const values: Record<string, Value[]> = {};
    for (const chunk of chunks)
      values[chunk.column.name] = decodeChunk(entry, opened, index, chunk, slices(chunk));
    const keys = values[opened.footer.key] as string[];
    for (const name of columns) values[name] ??= new Array<Value>(group.rows).fill(undefined);
    yield { rows: group.rows, keys, columns: values };
  }
}

/** Reads the ranges, neighbours as one, and gives access to each. */
async function readRanges(store: Store, path: string, ranges: readonly Chunk[]) {
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  const blocks: { from: number; to: number; bytes?: Uint8Array }[] = [];
  for (const { from, to } of sorted) {
    const last = blocks.at(-1);
    if (last && from - last.to <= gapBytes) last.to = Math.max(last.to, to);
    else blocks.push({ from, to });
  }
  for (const block of blocks) block.bytes = await store.read(path, block.from, block.to - block.from);
  return ({ from, to }: Chunk): Uint8Array => {
    const block = blocks.find((candidate) => candidate.from <= from && to <= candidate.to)!;
    return block.bytes!.subarray(from - block.from, to - block.from);
  };
}

function decodeChunk(
  entry: PartEntry,
  opened: Opened,
  group: number,
  chunk: Chunk,
  bytes: Uint8Array,
): Value[] {
  const { rows, digests } = opened.footer.groups[group];
  if (chunkDigest(bytes) !== digests[chunk.columnIndex]) {
    throw damagedPart(
      entry.path,
      `column ${chunk.column.name} of row group ${group} has other bytes than were written`,
    );
  }
  const metadata = opened.metadata.row_groups[group].columns[chunk.columnIndex].meta_data!;
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const { data } = readColumn(
    reader,
    { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows },
    {
      pathInSchema: metadata.path_in_schema,
      type: metadata.type,
      codec: metadata.codec,
      element: columnElement(chunk.column),
      schemaPath: [opened.tree, opened.tree.children[chunk.columnIndex]],
      parsers,
      compressors,
      utf8: false,
    },
  );
  return decodeValues(
    chunk.column,
    data.length === 1 ? data[0] : data.flatMap((page) => Array.from(page as ArrayLike<unknown>)),
  );
}

// TextDecoder would drop a byte order mark at the start of a value.
const parsers = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (bytes: Uint8Array | undefined) =>
    bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
} as typeof DEFAULT_PARSERS;
const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };

async function readStoredGroups(
  store: Store,
  entry: PartEntry,
  { footer, metadata }: Opened,
  first: number,
  count: number,
): Promise<StoredGroup[]> {
  const ranges = metadata.row_groups.slice(first, first + count).map((group) => groupRange(group));
  const start = ranges[0][0];
  const bytes = await store.read(entry.path, start, ranges[ranges.length - 1][1] - start);
  return ranges.map(([from, to], i) => {
    const group = metadata.row_groups[first + i];
    const own = bytes.subarray(from - start, to - start);
    checkGroup(entry, footer, first + i, group, own, from);
    return { footer: footer.groups[first + i], bytes: own, metadata: moveToZero(group, from) };
  });
}

function groupRange(group: RowGroup): [number, number] {
  return [chunkRange(group.columns[0].meta_data!)[0], chunkRange(group.columns.at(-1)!.meta_data!)[1]];
}

function checkGroup(
  entry: PartEntry,
  footer: PartFooter,
  index: number,
  group: RowGroup,
  bytes: Uint8Array,
  at: number,
) {
  group.columns.forEach((column, i) => {
    const [from, to] = chunkRange(column.meta_data!);
    if (chunkDigest(bytes.subarray(from - at, to - at)) !== footer.groups[index].digests[i]) {
      throw damagedPart(entry.path, `row group ${index} has other bytes than were written`);
    }
  });
}

function moveToZero(group: RowGroup, from: number): RowGroup {
  const by = BigInt(from);
  const columns = group.columns.map((column) => ({
    ...column,
    file_offset: column.file_offset - by,
    meta_data: column.meta_data && {
      ...column.meta_data,
      data_page_offset: column.meta_data.data_page_offset - by,
    },
  }));
  return { ...group, columns };
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
