// One token shard: an Arrow IPC file with one record batch, a row a document: id, language, domain, topic (sorted
// dictionaries), quality, loss mask where there is one, and last the tokens as one list column, whose child is the
// flat buffer that loaders read by ranges (the index says where it begins and holds a CRC-32 of each MiB of it).
// Everything before the tokens is the shard's head and is small.

import { type Data, type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import { DataError } from '@gristmill/core';
import { ShardColumns, shardFormat, type DocumentFacts } from './shard-columns.ts';
import { encodeBlockSums } from './token-blocks.ts';
import type { TokenType } from './token-index.ts';

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

/**
 * Writes documents, in the order given, each followed by `endOfText`. The bytes depend on the arguments alone. For shards
 * that fit memory several times; it is the reference of token-stream.ts.
 */
export function encodeShard(
  documents: readonly TokenDocument[],
  options: { dtype: TokenType; endOfText: number },
): EncodedShard {
  const columns = new ShardColumns(documents.map((document) => document.tokens.length + 1));
  const total = columns.tokens;
  const tokens = options.dtype === 'uint16' ? new Uint16Array(total) : new Uint32Array(total);
  documents.forEach((document, row) => {
    columns.ids.set(Buffer.from(document.id, 'hex'), row * 16);
    columns.set(row, document, document.lossMask);
    tokens.set(document.tokens, columns.offsets[row]);
    tokens[columns.offsets[row + 1] - 1] = options.endOfText;
  });
  const bytes = tableToIPC(columns.table(tokens), 'file');
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
