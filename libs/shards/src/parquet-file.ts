// A Parquet file for other tools, by parquetjs-lite: PLAIN values, snappy unless told otherwise, which every reader opens.
// Statistics are left out: of texts they would repeat whole texts.

import { createWriteStream } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DataError, type Column } from '@gristmill/core';
import type { ExportFile, ExportRow } from './text-export.ts';

/** A column, or a struct of columns. */
export type ExportColumn = Column | { readonly name: string; readonly fields: readonly Column[] };

export interface ParquetFileOptions {
  readonly compress?: 'gzip' | 'zstd';
}

const codecs = { gzip: 'GZIP', zstd: 'ZSTD' } as const;
const types = {
  string: 'UTF8',
  int32: 'INT32',
  float64: 'DOUBLE',
  boolean: 'BOOLEAN',
  bytes: 'BYTE_ARRAY',
  json: 'UTF8',
} as const;
/** A row group ends at so many rows, or bytes of values. */
const [groupRows, groupBytes] = [1000, 32e6];
/** Of the file: a column of a row group has a page header and an entry in the footer. */
const [chunkOverhead, fileOverhead] = [400, 8192];

export async function openParquetFile(
  path: string,
  columns: readonly ExportColumn[],
  { compress }: ParquetFileOptions = {},
): Promise<ExportFile> {
  // Loaded when it is used: only exports need it.
  const { ParquetSchema, ParquetWriter } = (await import('parquetjs-lite')).default;
  const compression = compress === undefined ? 'SNAPPY' : codecs[compress];
  if (compression === 'ZSTD') await addZstd();
  const field = ({ name, type, optional = false }: Column) =>
    [name, { type: types[type], compression, optional, statistics: false }] as const;
  const fields = columns.map((column) =>
    'fields' in column
      ? ([column.name, { optional: true, fields: Object.fromEntries(column.fields.map(field)) }] as const)
      : field(column),
  );
  const output = createWriteStream(path);
  let failure: DataError | undefined;
  output.once('error', (cause) => (failure = unwritable(path, cause)));
  const orFail = async <T>(work: Promise<T>): Promise<T> => {
    if (failure) throw failure;
    return work.catch((cause: unknown) => {
      throw failure ?? unwritable(path, cause);
    });
  };
  const schema = new ParquetSchema(Object.fromEntries(fields));
  const writer = await orFail(ParquetWriter.openStream(schema, output, { pageIndex: false }));
  const chunks = columns.reduce((sum, column) => sum + ('fields' in column ? column.fields.length : 1), 0);
  let [held, groups, rows, pending] = [undefined as ExportRow | undefined, 0, 0, 0];
  const written = () => output.bytesWritten + output.writableLength;
  /** A row is given to the library when the next one is known: only with a row can it be told to end the group. */
  const append = async (row: ExportRow, ends: boolean) => {
    writer.setRowGroupSize(ends ? 1 : Number.MAX_SAFE_INTEGER);
    await orFail(writer.appendRow(present(row)));
    [rows, pending] = ends ? [0, 0] : [rows + 1, pending + sizeOf(row)];
    if (ends) groups++;
  };
  const bound = (bytes: number) =>
    written() + bytes + bytes / 4 + (groups + 1) * chunks * chunkOverhead + fileOverhead;
  return {
    async fits(row, most) {
      if (!held) return true;
      const next = sizeOf(row);
      if (bound(pending + sizeOf(held) + next) <= most) return true;
      await append(held, true);
      held = undefined;
      return bound(next) <= most;
    },
    async write(row) {
      if (held) await append(held, rows + 1 >= groupRows || pending + sizeOf(held) >= groupBytes);
      held = row;
    },
    async close() {
      if (held) await append(held, true);
      await orFail(writer.close());
      return output.bytesWritten;
    },
    // Ended and not destroyed: the library does not wait for its first write.
    async abort() {
      if (!output.closed) await new Promise<void>((resolve) => output.once('close', () => resolve()).end());
    },
  };
}

/** The library writes null for what is absent. */
function present(row: ExportRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, isStruct(value) ? present(value as ExportRow) : value]),
  );
}

const isStruct = (value: unknown) =>
  value !== null && typeof value === 'object' && !(value instanceof Uint8Array);

/** Bytes of the values, levels included, before compression. */
function sizeOf(row: ExportRow): number {
  let bytes = 0;
  for (const value of Object.values(row)) {
    if (typeof value === 'string') bytes += Buffer.byteLength(value) + 6;
    else if (isStruct(value)) bytes += sizeOf(value as ExportRow);
    else bytes += 10;
  }
  return bytes;
}

/** parquetjs-lite knows the codec's number but brings no code for it; Node does. */
async function addZstd(): Promise<void> {
  const { PARQUET_COMPRESSION_METHODS: methods } = (await import('parquetjs-lite/lib/compression.js'))
    .default;
  const params = { [constants.ZSTD_c_compressionLevel]: 3 };
  methods.ZSTD = {
    deflate: (bytes) => zstdCompressSync(bytes, { params }),
    inflate: (bytes) => zstdDecompressSync(bytes),
  };
}

export function unwritable(path: string, cause: unknown): DataError {
  return new DataError(
    'not-writable',
    `${path} cannot be written`,
    'check that the folder exists and has room',
    {
      cause,
    },
  );
}
