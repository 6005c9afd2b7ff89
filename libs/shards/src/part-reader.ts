// Reads one part: opened on first use, only the chunks that are asked for, each checked against its digest. The
// length, the footer and the digests are checked against what the marker says, so a part is never half believed.

import type { Row, Value } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import { decodePage } from './column-page.ts';
import { createRawGroup, knownPages, type RawGroup } from './raw-group.ts';
import { changesBetween } from './part-changes.ts';
import {
  checkChunk,
  checkFile,
  chunksOf,
  createReadAhead,
  fileColumnIndexes,
  openFile,
  readChunks,
  readStoredGroups,
  readWindow,
  windows,
  type GroupBytes,
  type Opened,
} from './part-file.ts';
import type { PartEntry, PartFooter } from './part-footer.ts';
import type { StoredGroup } from './part-writer.ts';
import { groupsAround, groupsOfKeys, hexToBits, isUnder, sideOf } from './row-groups.ts';
import { readRawPage, type RawPage } from './raw-page.ts';
import type { Batch, PageBatch, PartReader } from './table.ts';

export type { PageBatch, RawPage };

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
      opened.isVerified ||= await checkFile(store, entry);
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

function pagesOf(
  entry: PartEntry,
  { footer, isVerified }: Opened,
  { index, chunks, slices }: GroupBytes,
): Record<string, RawPage> {
  const pages: Record<string, RawPage> = {};
  for (let i = 0; i < chunks.length; i++) {
    const described = footer.columns[chunks[i].column];
    const digest = footer.groups[index].digests[chunks[i].column];
    if (!isVerified) checkChunk(entry, { index, column: described.name, digest }, slices[i]);
    pages[described.name] = readRawPage(described, slices[i]);
  }
  return pages;
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
