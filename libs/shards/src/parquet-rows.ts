// Reads anybody's Parquet, row by row: what DuckDB, polars, Spark and pyarrow write, in every encoding and codec. Our own
// tables have their own reader (part-reader.ts). A row group that is damaged costs its own rows.

import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { AsyncBuffer, Compressors, DecodedArray, FileMetaData } from 'hyparquet';

/** What can be read by position. */
export interface ReadableBytes {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export type ForeignRow =
  /** Strings, numbers, bigints, Dates, Uint8Arrays, lists and objects of them, undefined or null. */
  | { readonly row: Readonly<Record<string, unknown>> }
  /** So many rows that cannot be read. */
  | { readonly lost: number };

export interface ParquetFile {
  /** Of the top level. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** Row groups in order; bytes as stored. */
  readonly groups: readonly { readonly rows: number; readonly bytes: number }[];
  /**
   * @param columns names of the top level; those that the file lacks are left out
   * @param groups from the first of these row groups up to the second; all unless told
   */
  read(columns?: readonly string[], groups?: readonly [from: number, to: number]): AsyncGenerator<ForeignRow>;
}

const mostGroupRows = 1 << 26;
const mostPageBytes = 1 << 30;
const magic = 'PAR1';

/** Undefined for what is no Parquet, is encrypted, or has a damaged footer. */
export async function openParquet(source: ReadableBytes): Promise<ParquetFile | undefined> {
  // Loaded when it is used: only imports need it.
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const tail = Buffer.from(await source.read(Math.max(0, source.size - 8), 8));
  if (tail.length < 8 || tail.toString('latin1', 4) !== magic) return undefined;
  if (tail.readUInt32LE(0) > source.size - 12) return undefined;
  try {
    const file = asyncBuffer(source);
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    const read: ParquetFile['read'] = (wanted = columns, chosen = undefined) => {
      const names = columns.filter((name) => wanted.includes(name));
      return readGroups(file, metadata, names, chosen);
    };
    const groups = metadata.row_groups.map(({ num_rows: rows, total_byte_size: bytes }) => ({
      rows: Number(rows),
      bytes: Number(bytes),
    }));
    return { columns, rows: Number(metadata.num_rows), groups, read };
  } catch {
    return undefined;
  }
}

function asyncBuffer(source: ReadableBytes): AsyncBuffer {
  const slice = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(start >= 0) || !(end - start <= source.size)) throw new RangeError('outside the file');
    const bytes = await source.read(start, end - start);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  };
  return {
    byteLength: source.size,
    slice(start, end = source.size) {
      const reading = slice(start, end);
      // Several are asked for at once, and after one that fails nobody waits for the others.
      reading.catch(() => {});
      return reading;
    },
  };
}

async function* readGroups(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: string[],
  [from, to] = [0, Infinity] as readonly [from: number, to: number],
): AsyncGenerator<ForeignRow> {
  let start = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows);
    if (!(rows >= 0)) return yield { lost: 1 };
    if (index >= to) return;
    if (rows === 0) continue;
    if (index < from) {
      start += rows;
      continue;
    }
    const read =
      rows > mostGroupRows ? undefined : await readColumns(file, metadata, { columns, start, rows });
    start += rows;
    if (!read) yield { lost: rows };
    else for (let i = 0; i < rows; i++) yield { row: rowOf(columns, read, i) };
  }
}

interface Group {
  readonly columns: string[];
  readonly start: number;
  readonly rows: number;
}

/** A row group's columns; undefined when one of them cannot be read. */
async function readColumns(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { columns, start, rows }: Group,
): Promise<DecodedArray[] | undefined> {
  const { parquetScan } = await import('hyparquet');
  const compressors = await openCompressors();
  const options = { file, metadata, columns, compressors, geoparquet: false, useOffsetIndex: false };
  try {
    const scan = await parquetScan({ ...options, rowStart: start, rowEnd: start + rows });
    const read: DecodedArray[] = [];
    for (const column of columns) {
      const values = await scan.readColumn({ column, rowStart: start, rowEnd: start + rows });
      if (values.length !== rows) return undefined;
      read.push(values);
    }
    return read;
  } catch {
    return undefined;
  }
}

function rowOf(columns: readonly string[], read: readonly DecodedArray[], index: number) {
  return Object.fromEntries(columns.map((name, column) => [name, read[column][index] as unknown]));
}

let opened: Compressors | undefined;

async function openCompressors(): Promise<Compressors> {
  if (opened) return opened;
  const { compressors } = await import('hyparquet-compressors');
  const limited = { maxOutputLength: mostPageBytes };
  const bounded = Object.entries(compressors as Required<Compressors>).map(([name, decompress]) => [
    name,
    (input: Uint8Array, length: number): Uint8Array => {
      if (length > mostPageBytes) throw new RangeError('a page is too large');
      return decompress(input, length);
    },
  ]);
  // zlib's own are faster, and check sums.
  return (opened = {
    ...(Object.fromEntries(bounded) as Compressors),
    GZIP: (input) => gunzipSync(input, limited),
    BROTLI: (input) => brotliDecompressSync(input, limited),
    ZSTD: (input) => zstdDecompressSync(input, limited),
  });
}
