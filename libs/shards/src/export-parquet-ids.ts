// Parquet of ids, a file a split: a row a document with `id`, `source` and `tokens`, a list of int32. Pages are version 2,
// PLAIN, zstd; a row group holds about a million tokens. pyarrow, DuckDB, Polars and hyparquet read it.

import { constants, zstdCompressSync } from 'node:zlib';
import { encodePage } from './column-page.ts';
import { bytesOf, shardsOf } from './export-binary.ts';
import type { PutFile } from './export-tokens.ts';
import { magic } from './parquet-footer.ts';
import { ThriftWriter, writeVarint } from './thrift-writer.ts';
import type { Tokens } from './token-reader.ts';

const groupTokens = 1 << 20;
const [int32, byteArray] = [1, 6];
const [plain, rle] = [0, 3];
const [required, repeated] = [0, 2];
const [utf8, list] = [0, 3];
const zstd = 6;
const dataPageV2 = 3;

const textColumns = ['id', 'source'] as const;
/** Path, physical type and deepest level of each column. */
const columns = [
  ...textColumns.map((name) => ({ path: [name as string], type: byteArray, isList: false })),
  { path: ['tokens', 'list', 'element'], type: int32, isList: true },
];

export async function exportParquetIds(tokens: Tokens, put: PutFile): Promise<void> {
  for (const split of Object.keys(tokens.index.splits))
    await put(`${split}.parquet`, writeFile(tokens, split));
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly rawBytes: number;
  readonly values: number;
}

interface Group {
  readonly rows: number;
  readonly chunks: readonly { at: number; size: number; rawBytes: number; values: number }[];
}

async function* writeFile(tokens: Tokens, split: string): AsyncGenerator<Uint8Array> {
  yield magic;
  let at = magic.length;
  const groups: Group[] = [];
  for await (const rows of cutGroups(tokens, split)) {
    const chunks: Group['chunks'][number][] = [];
    for (const { bytes, rawBytes, values } of encodeGroup(rows)) {
      yield bytes;
      chunks.push({ at, size: bytes.length, rawBytes, values });
      at += bytes.length;
    }
    groups.push({ rows: rows.length, chunks });
  }
  yield writeFooter(groups);
}

interface IdRow {
  readonly id: string;
  readonly source: string;
  readonly tokens: Int32Array;
}

async function* cutGroups(tokens: Tokens, split: string): AsyncGenerator<IdRow[]> {
  let rows: IdRow[] = [];
  let held = 0;
  for (const shard of shardsOf(tokens, split)) {
    for await (const document of tokens.documents(shard)) {
      rows.push({ id: document.id, source: shard.source, tokens: Int32Array.from(document.tokens) });
      held += document.tokens.length;
      if (held < groupTokens) continue;
      yield rows;
      [rows, held] = [[], 0];
    }
  }
  if (rows.length > 0) yield rows;
}

function* encodeGroup(rows: readonly IdRow[]): Generator<Chunk> {
  for (const name of textColumns) {
    const column = { name, type: 'string' as const };
    const { bytes, rawBytes } = encodePage(
      column,
      rows.map((row) => row[name]),
    );
    yield { bytes: Uint8Array.from(bytes), rawBytes, values: rows.length };
  }
  yield encodeLists(rows.map(({ tokens }) => tokens));
}

/** Every list holds at least its end-of-text token. */
function encodeLists(lists: readonly Int32Array[]): Chunk {
  const values = lists.reduce((sum, { length }) => sum + length, 0);
  const flat = new Int32Array(values);
  const repetitions = new Uint8Array(12 * lists.length);
  let [filled, at] = [0, 0];
  for (const items of lists) {
    flat.set(items, filled);
    filled += items.length;
    at = writeRun(repetitions, at, 1, 0);
    if (items.length > 1) at = writeRun(repetitions, at, items.length - 1, 1);
  }
  const definitions = new Uint8Array(12);
  const defined = definitions.subarray(0, writeRun(definitions, 0, values, 1));
  const levels = Buffer.concat([repetitions.subarray(0, at), defined]);
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  const body = zstdCompressSync(bytesOf(flat), { params });
  const sizes = { values, rows: lists.length, repetitions: at, definitions: defined.length };
  const header = pageHeader({
    ...sizes,
    raw: levels.length + flat.byteLength,
    stored: levels.length + body.length,
  });
  const bytes = Buffer.concat([header, levels, body]);
  return { bytes, rawBytes: bytes.length - body.length + flat.byteLength, values };
}

/** A run of the hybrid encoding of levels of one bit. */
function writeRun(target: Uint8Array, at: number, count: number, level: number): number {
  const next = writeVarint(target, at, 2 * count);
  target[next] = level;
  return next + 1;
}

interface PageSizes {
  readonly values: number;
  readonly rows: number;
  readonly repetitions: number;
  readonly definitions: number;
  readonly raw: number;
  readonly stored: number;
}

function pageHeader({ values, rows, repetitions, definitions, raw, stored }: PageSizes): Uint8Array {
  const thrift = new ThriftWriter();
  thrift.beginItem();
  thrift.int32(1, dataPageV2);
  thrift.int32(2, raw);
  thrift.int32(3, stored);
  thrift.begin(8);
  thrift.int32(1, values);
  thrift.int32(2, 0);
  thrift.int32(3, rows);
  thrift.int32(4, plain);
  thrift.int32(5, definitions);
  thrift.int32(6, repetitions);
  thrift.end();
  thrift.end();
  return thrift.bytes();
}

function writeFooter(groups: readonly Group[]): Uint8Array {
  const thrift = new ThriftWriter();
  thrift.beginItem();
  thrift.int32(1, 2);
  writeSchema(thrift);
  thrift.int64(
    3,
    groups.reduce((sum, { rows }) => sum + rows, 0),
  );
  thrift.list(4, 'struct', groups.length);
  for (const group of groups) writeGroup(thrift, group);
  thrift.text(6, 'gristmill');
  thrift.end();
  const metadata = thrift.bytes();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, magic]);
}

interface SchemaField {
  readonly name: string;
  readonly type?: number;
  readonly repetition?: number;
  readonly children?: number;
  readonly converted?: number;
}

const schema: readonly SchemaField[] = [
  { name: 'root', children: 3 },
  ...textColumns.map((name) => ({ name, type: byteArray, repetition: required, converted: utf8 })),
  { name: 'tokens', repetition: required, children: 1, converted: list },
  { name: 'list', repetition: repeated, children: 1 },
  { name: 'element', type: int32, repetition: required },
];

function writeSchema(thrift: ThriftWriter): void {
  thrift.list(2, 'struct', schema.length);
  for (const { name, type, repetition, children, converted } of schema) {
    thrift.beginItem();
    if (type !== undefined) thrift.int32(1, type);
    if (repetition !== undefined) thrift.int32(3, repetition);
    thrift.text(4, name);
    if (children !== undefined) thrift.int32(5, children);
    if (converted !== undefined) thrift.int32(6, converted);
    thrift.end();
  }
}

function writeGroup(thrift: ThriftWriter, { rows, chunks }: Group): void {
  thrift.beginItem();
  thrift.list(1, 'struct', chunks.length);
  columns.forEach(({ path, type, isList }, i) => {
    const { at, size, rawBytes, values } = chunks[i];
    thrift.beginItem();
    thrift.int64(2, at);
    thrift.begin(3);
    thrift.int32(1, type);
    thrift.list(2, 'int32', isList ? 2 : 1);
    thrift.int32Item(plain);
    if (isList) thrift.int32Item(rle);
    thrift.list(3, 'text', path.length);
    for (const name of path) thrift.textItem(name);
    thrift.int32(4, zstd);
    thrift.int64(5, values);
    thrift.int64(6, rawBytes);
    thrift.int64(7, size);
    thrift.int64(9, at);
    thrift.end();
    thrift.end();
  });
  thrift.int64(
    2,
    chunks.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
  );
  thrift.int64(3, rows);
  thrift.end();
}
