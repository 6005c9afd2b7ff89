// One token shard: an Arrow IPC file with one record batch, a row a document: id, language, domain, topic (sorted
// dictionaries), quality, loss mask where there is one, and last the tokens as one list column, whose child is the
// flat buffer that loaders read by ranges (the index says where it begins and holds a CRC-32 of each MiB of it).
// Everything before the tokens is the shard's head and is small.

import {
  type Data,
  type DataType,
  Dictionary,
  Field,
  FixedSizeBinary,
  Int32,
  List,
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { DataError } from '@gristmill/core';
import { encodeBlockSums } from './token-blocks.ts';
import { tokensVersion, type TokenType } from './token-index.ts';

const shardFormat = `gristmill-token-shard ${tokensVersion}`;

/** What a shard keeps of a document besides its tokens. */
export interface DocumentFacts {
  readonly id: string;
  readonly language?: string;
  readonly domain?: string;
  readonly topic?: string;
  readonly quality?: number;
}

/** A document as a loader sees it. */
export interface TokenDocument extends DocumentFacts {
  /** Without the end-of-text token when given to a writer, with it in a shard. */
  readonly tokens: Uint16Array | Uint32Array | Int32Array | readonly number[];
  /** One byte a token: 1 where it counts in the loss. Absent = everywhere. */
  readonly lossMask?: Uint8Array;
}

export interface EncodedShard {
  readonly bytes: Uint8Array;
  readonly documents: number;
  readonly tokens: number;
  readonly offsetsAt: number;
  readonly tokensAt: number;
  /** See `ShardEntry.blocks`. */
  readonly blocks: string;
}

/** The documents of a shard without their tokens. */
export interface ShardHead {
  readonly documents: number;
  /** Documents + 1 token offsets. */
  readonly offsets: Uint32Array;
  /** 16 bytes a document. */
  readonly ids: Uint8Array;
  /** Values of a dictionary or number column by document; undefined where the shard has no such column. */
  readonly language?: readonly (string | undefined)[];
  readonly domain?: readonly (string | undefined)[];
  readonly topic?: readonly (string | undefined)[];
  readonly quality?: readonly (number | undefined)[];
  /** One byte a token. */
  readonly lossMask?: Uint8Array;
}

export const factColumns = ['language', 'domain', 'topic'] as const;

/** Writes documents, in the order given, each followed by `endOfText`. The bytes depend on the arguments alone. */
export function encodeShard(
  documents: readonly TokenDocument[],
  options: { dtype: TokenType; endOfText: number },
): EncodedShard {
  const offsets = tokenOffsets(documents);
  const total = offsets[documents.length];
  const tokens = options.dtype === 'uint16' ? new Uint16Array(total) : new Uint32Array(total);
  documents.forEach((document, row) => {
    tokens.set(document.tokens, offsets[row]);
    tokens[offsets[row + 1] - 1] = options.endOfText;
  });
  const bytes = tableToIPC(buildTable(documents, offsets, tokens), 'file');
  const list = tokenColumn(tableFromIPC(bytes));
  return {
    bytes,
    documents: documents.length,
    tokens: total,
    offsetsAt: list.valueOffsets.byteOffset - bytes.byteOffset,
    tokensAt: list.children[0].values.byteOffset - bytes.byteOffset,
    blocks: encodeBlockSums(new Uint8Array(tokens.buffer)),
  };
}

/**
 * Reads a shard's head. `bytes` has the file's size; the range of the tokens need not be filled, it is never touched.
 */
export function decodeHead(bytes: Uint8Array): ShardHead {
  const table = tableFromIPC(bytes);
  checkFormat(table.schema.metadata.get('format'));
  const list = tokenColumn(table);
  const ids = table.batches[0].data.children[0].values as Uint8Array;
  const offsets = new Uint32Array(list.valueOffsets.buffer, list.valueOffsets.byteOffset, list.length + 1);
  return {
    documents: list.length,
    offsets: offsets.slice(),
    ids: ids.slice(0, list.length * 16),
    ...facts(table),
  };
}

function checkFormat(found: string | undefined): void {
  if (found === shardFormat) return;
  throw new DataError(
    'shard-version',
    `the shard is of format “${found ?? 'unknown'}”, this program reads “${shardFormat}”`,
    'use the Gristmill that wrote it, or pack the corpus again with this one',
  );
}

function tokenOffsets(documents: readonly TokenDocument[]): Int32Array {
  const offsets = new Int32Array(documents.length + 1);
  documents.forEach((document, row) => (offsets[row + 1] = offsets[row] + document.tokens.length + 1));
  return offsets;
}

function buildTable(
  documents: readonly TokenDocument[],
  offsets: Int32Array,
  tokens: Uint16Array | Uint32Array,
): Table {
  const length = documents.length;
  const columns: [string, Data][] = [['id', idColumn(documents)]];
  factColumns.forEach((name, id) => {
    if (documents.some((document) => document[name] !== undefined)) {
      columns.push([
        name,
        dictionaryColumn(
          documents.map((document) => document[name]),
          id,
        ),
      ]);
    }
  });
  if (documents.some((document) => document.quality !== undefined))
    columns.push(['quality', qualityColumn(documents)]);
  if (documents.some((document) => document.lossMask !== undefined)) {
    columns.push(['lossMask', listColumn(lossMasks(documents, offsets), offsets)]);
  }
  columns.push(['tokens', listColumn(tokens, offsets)]);
  const schema = new Schema(
    columns.map(([name, data]) => new Field(name, data.type as DataType, data.nullCount > 0)),
    new Map([['format', shardFormat]]),
  );
  const children = columns.map(([, data]) => data);
  const struct = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, struct as Data<Struct>)]);
}

function idColumn(documents: readonly TokenDocument[]): Data {
  const data = new Uint8Array(documents.length * 16);
  documents.forEach((document, row) => data.set(Buffer.from(document.id, 'hex'), row * 16));
  return makeData({ type: new FixedSizeBinary(16), length: documents.length, nullCount: 0, data });
}

function dictionaryColumn(values: readonly (string | undefined)[], id: number): Data {
  const names = [...new Set(values.filter((value) => value !== undefined))].sort();
  const positions = new Map(names.map((name, position) => [name, position]));
  const encoded = names.map((name) => new TextEncoder().encode(name));
  const valueOffsets = new Int32Array(names.length + 1);
  encoded.forEach((bytes, i) => (valueOffsets[i + 1] = valueOffsets[i] + bytes.length));
  const dictionary = makeVector(
    makeData({
      type: new Utf8(),
      length: names.length,
      nullCount: 0,
      valueOffsets,
      data: Buffer.concat(encoded),
    }),
  );
  return makeData({
    type: new Dictionary(new Utf8(), new Int32(), id),
    length: values.length,
    ...validity(values),
    data: Int32Array.from(values, (value) => (value === undefined ? 0 : positions.get(value)!)),
    dictionary,
  });
}

function qualityColumn(documents: readonly TokenDocument[]): Data {
  const values = documents.map((document) => document.quality);
  const data = Int32Array.from(values, (value) => value ?? 0);
  return makeData({ type: new Int32(), length: values.length, ...validity(values), data });
}

function validity(values: readonly unknown[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullCount = values.filter((value) => value === undefined).length;
  if (nullCount === 0) return { nullCount };
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 64) * 8);
  values.forEach((value, row) => {
    if (value !== undefined) nullBitmap[row >> 3] |= 1 << (row & 7);
  });
  return { nullCount, nullBitmap };
}

function lossMasks(documents: readonly TokenDocument[], offsets: Int32Array): Uint8Array {
  const masks = new Uint8Array(offsets[documents.length]).fill(1);
  documents.forEach((document, row) => {
    if (document.lossMask !== undefined) masks.set(document.lossMask, offsets[row]);
  });
  return masks;
}

function listColumn(values: Uint8Array | Uint16Array | Uint32Array, valueOffsets: Int32Array): Data {
  const type =
    values instanceof Uint8Array ? new Uint8() : values instanceof Uint16Array ? new Uint16() : new Uint32();
  const child = makeData({
    type,
    length: values.length,
    nullCount: 0,
    data: values as Uint32Array,
  } as never) as Data;
  const list = new List(new Field('item', type as DataType, false));
  return makeData({ type: list, length: valueOffsets.length - 1, nullCount: 0, valueOffsets, child });
}

function tokenColumn(table: Table): Data {
  const position = table.schema.fields.findIndex((field) => field.name === 'tokens');
  return table.batches[0].data.children[position];
}

function facts(table: Table): Pick<ShardHead, 'language' | 'domain' | 'topic' | 'quality' | 'lossMask'> {
  const strings = (name: string) => {
    const column = table.getChild(name);
    return column === null
      ? undefined
      : Array.from(column as Iterable<string | null>, (value) => value ?? undefined);
  };
  const quality = table.getChild('quality') as Iterable<number | null> | null;
  const masks = table.schema.fields.findIndex((field) => field.name === 'lossMask');
  return {
    language: strings('language'),
    domain: strings('domain'),
    topic: strings('topic'),
    quality: quality === null ? undefined : Array.from(quality, (value) => value ?? undefined),
    lossMask:
      masks < 0
        ? undefined
        : (table.batches[0].data.children[masks].children[0].values as Uint8Array).slice(),
  };
}
