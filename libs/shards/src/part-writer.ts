// Writes one part: row groups encoded by hyparquet-writer one at a time, no state across them, or copied from another
// part as compressed bytes. Rows stream through with one row group in memory. The caller commits the file.

import { zstdCompressSync } from 'node:zlib';
import type { RowGroup } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column, Row, Value } from '@gristmill/core';
import { DataError, sha256 } from '@gristmill/core';
import type { StoreWriter } from '@gristmill/storage';
import { createGroupCutter } from './row-groups.ts';
import {
  chunkDigest,
  columnDigests,
  footerName,
  sumCounts,
  type Counts,
  type FooterGroup,
  type PartEntry,
  type PartFooter,
} from './part-footer.ts';
import {
  defaultGroupRows,
  defaultKey,
  encodeValues,
  fileColumns,
  fileSchema,
  tableFormat,
  tableVersion,
} from './table-schema.ts';
import type { Batch, TableDefinition, TableWriter } from './table.ts';

/** A row group as it lies in another part: its bytes, and its metadata with offsets from the start of the bytes. */
export interface StoredGroup {
  readonly footer: FooterGroup;
  readonly bytes: Uint8Array;
  readonly metadata: RowGroup;
}

export interface PartWriter extends TableWriter {
  /** A whole row group, whose borders the caller knows. Not to be mixed with `write` between two row groups. */
  writeGroup(prefix: string, batch: Batch, counts?: Counts): Promise<void>;
  copyGroup(group: StoredGroup): Promise<void>;
  /** Writes the footer and commits the file. */
  finish(): Promise<Omit<PartEntry, 'path' | 'partition'>>;
  abort(): Promise<void>;
}

/** Chunks of fewer bytes than this are stored as they are: compressing them costs more than it saves. */
const compressFrom = 512;
const pageBytes = 16 * 1024 * 1024;

export function createPartWriter(definition: TableDefinition, sink: StoreWriter): PartWriter {
  const columns = fileColumns(definition);
  const key = definition.key ?? defaultKey;
  const groupRows = definition.groupRows ?? defaultGroupRows;
  const buffer = new ByteWriter(1 << 16);
  const groups: FooterGroup[] = [];
  const kvMetadata = [{ key: footerName, value: '' }];
  const parquet = new ParquetWriter({
    writer: buffer,
    schema: fileSchema(columns),
    compressors: { ZSTD: (input) => zstdCompressSync(input) },
    statistics: false,
    statisticsTruncateLength: Infinity,
    kvMetadata,
    createdBy: 'gristmill',
  });
  let rows = 0;

  async function flush(): Promise<void> {
    if (buffer.index > 0) await sink.write(buffer.getBytes());
    buffer.index = 0;
  }

  async function writeGroup(prefix: string, batch: Batch, counts?: Counts): Promise<void> {
    const start = buffer.offset - buffer.index;
    const columnData = columns.map((column) =>
      columnSource(column, column.name === key ? batch.keys : batch.columns[column.name], batch.rows),
    );
    void parquet.write({ columnData, rowGroupSize: batch.rows, pageSize: pageBytes });
    const written = parquet.row_groups.at(-1)!;
    const digests = written.columns.map((chunk) => {
      const [from, to] = chunkRange(chunk.meta_data!);
      return chunkDigest(new Uint8Array(buffer.buffer, from - start, to - from));
    });
    groups.push({ prefix, rows: batch.rows, digests, counts });
    rows += batch.rows;
    if (buffer.index >= 1 << 20) await flush();
  }

  async function copyGroup(group: StoredGroup): Promise<void> {
    parquet.row_groups.push(shiftGroup(group.metadata, buffer.offset));
    parquet.num_rows += group.metadata.num_rows;
    groups.push(group.footer);
    rows += group.footer.rows;
    buffer.appendBytes(group.bytes);
    if (buffer.index >= 1 << 20) await flush();
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
    kvMetadata[0].value = JSON.stringify(footer);
    await flush();
    void parquet.finish();
    const footerDigest = sha256(buffer.getBytes()).slice(0, 32);
    await flush();
    const { bytes, sha256: digest } = await sink.commit();
    return {
      rows,
      bytes,
      sha256: digest,
      footer: footerDigest,
      columns: columnDigests(footer),
      counts: sumCounts(groups),
    };
  }

  const stream = createRowStream(definition, writeGroup);
  return {
    write: (row) => stream.write(row),
    async writeAll(all) {
      for await (const row of all) await stream.write(row);
    },
    writeGroup,
    copyGroup,
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

function columnSource(column: Column, values: readonly Value[] | undefined, rows: number) {
  const data = encodeValues(column, values ?? new Array<undefined>(rows).fill(undefined));
  const small = estimateBytes(column, data) < compressFrom;
  return {
    name: column.name,
    data,
    encoding: 'PLAIN' as const,
    codec: small ? ('UNCOMPRESSED' as const) : ('ZSTD' as const),
    offsetIndex: false,
  };
}

function estimateBytes(column: Column, data: readonly unknown[]): number {
  if (column.type === 'boolean') return data.length / 8;
  if (column.type === 'int32') return data.length * 4;
  if (column.type === 'float64') return data.length * 8;
  let bytes = 0;
  for (const value of data) bytes += value === undefined ? 0 : 4 + (value as string | Uint8Array).length;
  return bytes;
}

/** First byte of a column chunk and the byte after its last. */
export function chunkRange(chunk: {
  dictionary_page_offset?: bigint;
  data_page_offset: bigint;
  total_compressed_size: bigint;
}): [number, number] {
  const from = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
  return [from, from + Number(chunk.total_compressed_size)];
}

function shiftGroup(group: RowGroup, by: number): RowGroup {
  const columns = group.columns.map(({ meta_data, file_offset }) => ({
    file_offset: file_offset + BigInt(by),
    meta_data: meta_data && { ...meta_data, data_page_offset: meta_data.data_page_offset + BigInt(by) },
  }));
  return {
    columns,
    total_byte_size: group.total_byte_size,
    num_rows: group.num_rows,
    total_compressed_size: group.total_compressed_size,
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

/** Rows turned by column. */
export function toBatch(definition: TableDefinition, rows: readonly Row[]): Batch {
  const key = definition.key ?? defaultKey;
  const columns: Record<string, Value[]> = {};
  for (const { name } of definition.columns) columns[name] = rows.map((row) => row[name]);
  return { rows: rows.length, keys: rows.map((row) => row[key] as string), columns };
}
