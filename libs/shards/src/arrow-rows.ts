// Reads anybody's Arrow IPC (stream or file, Feather 2), row by row: the shards of a Hugging Face data set. A record batch
// that is damaged ends the reading; what lies before it is given.

import { zstdDecompressSync } from 'node:zlib';
import type { RecordBatch, RecordBatchReader, Vector } from 'apache-arrow';
import type * as Arrow from 'apache-arrow';
import { decodeLz4Frame } from './lz4-frame.ts';
import type { ForeignRow } from './parquet-rows.ts';
import { isSoundArrow } from './verify-arrow.ts';

export interface ArrowFile {
  readonly columns: readonly string[];
  read(columns?: readonly string[]): Generator<ForeignRow>;
}

/** Undefined for what is no Arrow, or damaged in its metadata. */
export async function openArrow(bytes: Uint8Array): Promise<ArrowFile | undefined> {
  if (!isSoundArrow(bytes)) return undefined;
  // Loaded when it is used: only imports need it.
  const arrow = await import('apache-arrow');
  openCodecs(arrow);
  try {
    const reader = arrow.RecordBatchReader.from(bytes);
    reader.open();
    const columns = reader.schema.fields.map(({ name }) => name);
    return { columns, read: (wanted = columns) => readBatches(reader, columns, wanted) };
  } catch {
    return undefined;
  }
}

function* readBatches(
  reader: RecordBatchReader,
  columns: readonly string[],
  wanted: readonly string[],
): Generator<ForeignRow> {
  const names = columns.filter((name) => wanted.includes(name));
  for (;;) {
    const rows = readBatch(reader, names);
    if (rows === 'end') return;
    if (rows === 'damaged') return yield { lost: 1 };
    yield* rows;
  }
}

function readBatch(reader: RecordBatchReader, names: readonly string[]): ForeignRow[] | 'end' | 'damaged' {
  try {
    const next = reader.next() as IteratorResult<RecordBatch>;
    if (next.done) return 'end';
    const batch = next.value;
    const read = names.map((name) => readerOf(batch.getChild(name)!));
    return Array.from({ length: batch.numRows }, (_, index) => ({
      row: Object.fromEntries(names.map((name, at) => [name, read[at](index)])),
    }));
  } catch {
    return 'damaged';
  }
}

/** Dates and times are milliseconds in Arrow's values: told apart by type 8, Date, and 10, Timestamp. */
function readerOf(column: Vector): (index: number) => unknown {
  const isDate = [8, 10].includes(column.type.typeId);
  return (index) => {
    const value = plain(column.get(index));
    return isDate && typeof value === 'number' ? new Date(value) : value;
  };
}

/** Lists and rows of Arrow as arrays and objects. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value) || value instanceof Date)
    return value;
  const { toJSON } = value as { toJSON?: () => unknown };
  const json = typeof toJSON === 'function' ? toJSON.call(value) : value;
  if (Array.isArray(json)) return json.map(plain);
  if (typeof (json as Iterable<unknown>)?.[Symbol.iterator] === 'function')
    return Array.from(json as Iterable<unknown>, plain);
  return Object.fromEntries(Object.entries(json as object).map(([key, member]) => [key, plain(member)]));
}

let isReady = false;

function openCodecs(arrow: typeof Arrow): void {
  if (isReady) return;
  isReady = true;
  arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, {
    decode: (data) => zstdDecompressSync(data, { maxOutputLength: 1 << 30 }),
  });
}
