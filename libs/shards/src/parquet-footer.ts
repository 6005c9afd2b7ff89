// The end of a part: Parquet's FileMetaData, so that any reader understands the file, with what Gristmill itself reads
// (a PartFooter as JSON) as a value at a place that is known from the end of the file. So opening a part does not
// decode the metadata of its row groups. Every row group's chunks lie one after the other from byte 4 on.

import type { Column, ColumnType } from '@gristmill/core';
import { damagedPart, footerName, parseFooter, type PartFooter } from './part-footer.ts';
import { ThriftWriter } from './thrift-writer.ts';

export const magic = Buffer.from('PAR1');
/** Key of the JSON's length in bytes, ten digits: the last value. */
const lengthName = `${footerName}.bytes`;
const createdBy = 'gristmill';

const byteArray = 6;
const physicalTypes: Record<ColumnType, number> = {
  boolean: 0,
  int32: 1,
  float64: 5,
  string: byteArray,
  json: byteArray,
  bytes: byteArray,
};
const [utf8, plain, rle] = [0, 0, 3];
const [uncompressed, zstd] = [0, 6];
const [required, optional] = [0, 1];

/** Everything after the last row group. `own` is what the marker's digest covers: it alone is read back. */
export function spellFooter(footer: PartFooter): { readonly bytes: Buffer; readonly own: Buffer } {
  const json = JSON.stringify(footer);
  const jsonBytes = Buffer.byteLength(json);
  const thrift = new ThriftWriter();
  thrift.beginItem();
  thrift.int32(1, 2);
  writeSchema(thrift, footer.columns);
  thrift.int64(
    3,
    footer.groups.reduce((sum, { rows }) => sum + rows, 0),
  );
  writeRowGroups(thrift, footer);
  thrift.list(5, 'struct', 2);
  writePair(thrift, footerName, json);
  writePair(thrift, lengthName, String(jsonBytes).padStart(lengthDigits, '0'));
  thrift.text(6, createdBy);
  thrift.end();
  const metadata = thrift.bytes();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  const bytes = Buffer.concat([metadata, length, magic]);
  return { bytes, own: bytes.subarray(bytes.length - jsonBytes - tailBytes) };
}

function writePair(thrift: ThriftWriter, key: string, value: string): void {
  thrift.beginItem();
  thrift.text(1, key);
  thrift.text(2, value);
  thrift.end();
}

function writeSchema(thrift: ThriftWriter, columns: readonly Column[]): void {
  thrift.list(2, 'struct', columns.length + 1);
  thrift.beginItem();
  thrift.text(4, 'root');
  thrift.int32(5, columns.length);
  thrift.end();
  for (const { name, type, optional: isOptional } of columns) {
    thrift.beginItem();
    thrift.int32(1, physicalTypes[type]);
    thrift.int32(3, isOptional ? optional : required);
    thrift.text(4, name);
    if (type === 'string' || type === 'json') thrift.int32(6, utf8);
    thrift.end();
  }
}

function writeRowGroups(thrift: ThriftWriter, { columns, groups }: PartFooter): void {
  thrift.list(4, 'struct', groups.length);
  const heads = columns.map((column) => [uncompressed, zstd].map((codec) => chunkHead(column, codec)));
  let at = magic.length;
  for (const { rows, sizes, rawSizes } of groups) {
    const start = at;
    thrift.beginItem();
    thrift.list(1, 'struct', columns.length);
    for (let i = 0; i < columns.length; i++) {
      const [plainHead, packedHead] = heads[i];
      const head = sizes[i] === rawSizes[i] ? plainHead : packedHead;
      writeChunk(thrift, head, { rows, at, size: sizes[i], rawSize: rawSizes[i] });
      at += sizes[i];
    }
    thrift.int64(2, sum(rawSizes));
    thrift.int64(3, rows);
    thrift.int64(6, at - start);
    thrift.end();
  }
}

interface ChunkPlace {
  readonly rows: number;
  readonly at: number;
  readonly size: number;
  readonly rawSize: number;
}

/** Field of a ColumnChunk that holds its ColumnMetaData, and the last field that is the same in all row groups. */
const metadataField = 3;
const codecField = 4;

/** What the metadata of all chunks of a column begin with. */
function chunkHead(column: Column, codec: number): Buffer {
  const thrift = new ThriftWriter();
  thrift.beginItem();
  thrift.int64(2, 0);
  const from = thrift.bytes().length;
  thrift.begin(metadataField);
  thrift.int32(1, physicalTypes[column.type]);
  thrift.list(2, 'int32', column.optional ? 2 : 1);
  thrift.int32Item(plain);
  if (column.optional) thrift.int32Item(rle);
  thrift.list(3, 'text', 1);
  thrift.textItem(column.name);
  thrift.int32(codecField, codec);
  return thrift.bytes().subarray(from);
}

function writeChunk(thrift: ThriftWriter, head: Buffer, { rows, at, size, rawSize }: ChunkPlace): void {
  thrift.beginItem();
  thrift.int64(2, at);
  thrift.continueWith(head, { field: metadataField, last: codecField });
  thrift.int64(5, rows);
  thrift.int64(6, rawSize);
  thrift.int64(7, size);
  thrift.int64(9, at);
  thrift.end();
  thrift.end();
}

export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** After the JSON: the end of its pair, the pair with its length, `created_by`, the metadata's length, magic. */
const lengthDigits = 10;
const digitsFromEnd = lengthDigits + 1 + 2 + createdBy.length + 1 + 4 + magic.length;
const tailBytes = 1 + 2 + lengthName.length + 2 + digitsFromEnd;

/** How many bytes at the end of a file `parseOwn` needs, from at least its last 64. */
export function ownBytes(end: Uint8Array, path: string): number {
  const at = end.length - digitsFromEnd;
  const digits = Buffer.from(end.subarray(at, at + lengthDigits)).toString('latin1');
  if (!/^\d{10}$/.test(digits)) throw damagedPart(path, 'its footer cannot be read');
  return Number(digits) + tailBytes;
}

/** @param own the last `ownBytes` of the file, whose digest was checked */
export function parseOwn(own: Uint8Array, path: string): PartFooter {
  return parseFooter(Buffer.from(own.subarray(0, own.length - tailBytes)).toString('utf8'), path);
}
