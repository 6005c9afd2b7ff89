// Writes one part: row groups encoded one at a time, no state across them, or copied from another part as compressed
// bytes. Rows stream through with one row group in memory. The caller commits the file.

import type { Column, Row, Value } from '@gristmill/core';
import { DataError, sha256 } from '@gristmill/core';
import type { StoreWriter } from '@gristmill/storage';
import { encodePage, type PlainPage } from './column-page.ts';
import { keepFooter, keepPage, keptPage } from './kept-pages.ts';
import { rememberChanges, type PartChanges } from './known-changes.ts';
import { magic, spellFooter } from './parquet-footer.ts';
import {
  chunkDigest,
  columnDigests,
  sumCounts,
  type Counts,
  type FooterGroup,
  type PartEntry,
  type PartFooter,
} from './part-footer.ts';
import type { StoredPart } from './part-reader.ts';
import { patchPart, type PatchOptions } from './patch-part.ts';
import { pageName } from './raw-group.ts';
import { ownRawPage, type RawPage } from './raw-page.ts';
import { createGroupCutter, cutGroups } from './row-groups.ts';
import { countRows, splicePage, type Segment, type SplicedPage } from './splice-pages.ts';
import { defaultGroupRows, defaultKey, fileColumns, tableFormat, tableVersion } from './table-schema.ts';
import type { Batch, PartPatch, TableDefinition, TableWriter } from './table.ts';

export type { PartPatch, Segment };

/** A row group as it lies in another part. */
export interface StoredGroup {
  readonly footer: FooterGroup;
  readonly bytes: Uint8Array;
}

/** Column → its page, as far as it is remembered. */
export type GroupPages = ReadonlyMap<string, RawPage>;

export interface PartWriter extends TableWriter {
  /** A whole row group, whose borders the caller knows. Not to be mixed with `write` between two row groups. */
  writeGroup(prefix: string, batch: Batch, counts?: Counts): Promise<void>;
  copyGroup(group: StoredGroup): Promise<void>;
  /** A whole row group of rows that lie elsewhere and new ones, in key order. */
  spliceGroup(prefix: string, segments: readonly Segment[], counts?: Counts): Promise<GroupPages>;
  /** `patch` for who knows the borders or counts rows. */
  patchGroups(previous: StoredPart, patch: PartPatch, options?: PatchOptions): Promise<number>;
  /** Writes the footer and commits the file. */
  finish(): Promise<Omit<PartEntry, 'path' | 'partition'>>;
  abort(): Promise<void>;
}

export function createPartWriter(definition: TableDefinition, sink: StoreWriter): PartWriter {
  const columns = fileColumns(definition);
  const key = definition.key ?? defaultKey;
  const groupRows = definition.groupRows ?? defaultGroupRows;
  const out = createBuffered(sink);
  const groups: FooterGroup[] = [];
  let rows = 0;
  let patched: Omit<PartChanges, 'current'> | undefined;
  out.add(magic);

  async function addGroup(
    { prefix, rows: count, counts }: { prefix: string; rows: number; counts?: Counts },
    encode: (column: Column) => SplicedPage,
  ): Promise<FooterGroup> {
    const [digests, sizes, rawSizes] = [[] as string[], [] as number[], [] as number[]];
    for (const column of columns) {
      const { bytes, rawBytes, plain } = encode(column);
      const digest = chunkDigest(bytes);
      if (plain) keepSpliced(column, digest, plain);
      digests.push(digest);
      sizes.push(bytes.length);
      rawSizes.push(rawBytes);
      out.add(bytes);
    }
    const group = { prefix, rows: count, digests, sizes, rawSizes };
    groups.push(counts ? { ...group, counts } : group);
    rows += count;
    await out.settle();
    return group;
  }

  async function writeGroup(prefix: string, batch: Batch, counts?: Counts): Promise<void> {
    await addGroup({ prefix, rows: batch.rows, counts }, (column) => {
      const values = column.name === key ? batch.keys : batch.columns[column.name];
      return encodePage(column, values ?? new Array<undefined>(batch.rows).fill(undefined));
    });
  }

  async function spliceGroup(
    prefix: string,
    segments: readonly Segment[],
    counts?: Counts,
  ): Promise<GroupPages> {
    const count = countRows(segments);
    const { digests } = await addGroup({ prefix, rows: count, counts }, (column) =>
      splicePage(column, segments, count),
    );
    return new Map(
      columns.flatMap((column, i) => {
        const page = keptPage(pageName(column, digests[i]));
        return page ? [[column.name, page] as const] : [];
      }),
    );
  }

  async function copyGroup(group: StoredGroup): Promise<void> {
    groups.push(group.footer);
    rows += group.footer.rows;
    out.add(group.bytes);
    await out.settle();
  }

  async function finishFile() {
    const footer: PartFooter = {
      format: tableFormat,
      version: tableVersion,
      key,
      groupRows,
      columns,
      groups,
    };
    const { bytes: end, own } = spellFooter(footer);
    out.add(end);
    await out.end();
    const { bytes, sha256: digest } = await sink.commit();
    const footerDigest = sha256(own).slice(0, 32);
    if (patched) {
      rememberChanges({ ...patched, current: digest });
      keepFooter(footerDigest, footer);
    }
    return {
      rows,
      bytes,
      sha256: digest,
      footer: footerDigest,
      columns: columnDigests(footer),
      counts: sumCounts(groups),
    };
  }

  async function patchGroups(
    previous: StoredPart,
    patch: PartPatch,
    options?: PatchOptions,
  ): Promise<number> {
    const writer = { copyGroup, spliceGroup, columns: definition.columns };
    const { fresh, changes } = await patchPart(writer, previous, patch, { limit: groupRows, ...options });
    if (changes) patched = { previous: previous.entry.sha256, changes };
    return fresh;
  }

  const stream = createRowStream(definition, writeGroup);
  return {
    write: (row) => stream.write(row),
    async writeAll(all) {
      if (Symbol.iterator in all) for (const row of all) await stream.write(row);
      else for await (const row of all) await stream.write(row);
    },
    async writeColumns(batch) {
      for (const { prefix, start, end } of cutGroups(batch.keys, groupRows))
        await writeGroup(prefix, sliceBatch(batch, start, end));
    },
    patchGroups,
    async patch(previous, patch) {
      if (previous.rows > 0) {
        const fresh = await patchGroups(previous as StoredPart, patch);
        return rows - fresh;
      }
      for (const row of await patch.rows(patch.added)) await stream.write(row);
      return 0;
    },
    writeGroup,
    copyGroup,
    spliceGroup,
    async finish() {
      try {
        await stream.finish();
        return await finishFile();
      } catch (error) {
        await sink.abort();
        throw error;
      }
    },
    abort: () => sink.abort(),
  };
}

function keepSpliced(column: Column, digest: string, page: PlainPage): void {
  const name = pageName(column, digest);
  if (!keptPage(name)) keepPage(name, ownRawPage(column, page));
}

const flushBytes = 1 << 20;

/** Buffers of writers that are done, for those that come: memory taken anew for each makes the collector run. */
const idle: Buffer<ArrayBuffer>[] = [];
const mostIdle = 4;

/** Gathers small writes into large ones. */
function createBuffered(sink: StoreWriter) {
  let buffer = idle.pop() ?? Buffer.allocUnsafeSlow(1 << 14);
  let length = 0;
  async function flush(): Promise<void> {
    if (length > 0) await sink.write(buffer.subarray(0, length));
    length = 0;
  }
  return {
    add(bytes: Uint8Array): void {
      if (length + bytes.length > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(2 * (length + bytes.length));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(bytes, length);
      length += bytes.length;
    },
    /** Writes what is left; nothing may be added any more. */
    async end(): Promise<void> {
      await flush();
      if (idle.length < mostIdle && buffer.length <= 4 * flushBytes) idle.push(buffer);
    },
    /** Writes when there is enough. */
    settle: () => (length >= flushBytes ? flush() : undefined),
  };
}

function createRowStream(definition: TableDefinition, writeGroup: PartWriter['writeGroup']) {
  const key = definition.key ?? defaultKey;
  const cutter = createGroupCutter(definition.groupRows ?? defaultGroupRows);
  let waiting: Row[] = [];
  let last = '';
  const emit = async (done: { prefix: string; rows: number }[]) => {
    for (const { prefix, rows } of done) {
      await writeGroup(prefix, toBatch(definition, waiting.slice(0, rows)));
      waiting = waiting.slice(rows);
    }
  };
  return {
    async write(row: Row) {
      const value = row[key] as string;
      if (value < last || (value === last && key === defaultKey))
        throw outOfOrder(definition.name, value, last);
      last = value;
      waiting.push(row);
      const done = cutter.add(value);
      if (done.length > 0) await emit(done);
    },
    finish: () => emit(cutter.finish()),
  };
}

function outOfOrder(table: string, key: string, last: string): DataError {
  return new DataError(
    'rows-out-of-order',
    `table ${table} was given the key ${key} after ${last}`,
    'this is a fault of the stage that writes it: rows go in by ascending key, an id only once',
  );
}

function sliceBatch({ keys, columns }: Batch, start: number, end: number): Batch {
  const slice = (values: readonly Value[]) => values.slice(start, end);
  const sliced = Object.entries(columns).map(([name, values]) => [name, slice(values)]);
  return { rows: end - start, keys: keys.slice(start, end), columns: Object.fromEntries(sliced) };
}

/** Rows turned by column. */
export function toBatch(definition: TableDefinition, rows: readonly Row[]): Batch {
  const key = definition.key ?? defaultKey;
  const columns: Record<string, Value[]> = {};
  for (const { name } of definition.columns) columns[name] = rows.map((row) => row[name]);
  return { rows: rows.length, keys: rows.map((row) => row[key] as string), columns };
}
