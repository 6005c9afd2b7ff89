// index.json of a `tokens/<key>/` folder: everything that a reader needs to find a token. It names the shards, their
// checksums and where in each file the flat buffers lie, so that any language can map them without an Arrow library.
// It is replaced atomically; a training run keeps its own copy (see `pinIndex` in token-reader.ts).

import { createRecord, DataError, isFileName, sha256 } from '@gristmill/core';

export const tokensFormat = 'gristmill-tokens';
export const tokensVersion = 1;
/** Bytes of tokens under one CRC-32. */
export const blockBytes = 1 << 20;

export type TokenType = 'uint16' | 'uint32';

export interface ShardEntry {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly split: string;
  readonly source: string;
  /** Leading bits, as `0` and `1`, of the order hash that all its documents share. */
  readonly prefix: string;
  readonly documents: number;
  /** With one end-of-text token for each document. */
  readonly tokens: number;
  /** Byte positions in the file: documents + 1 uint32 token offsets (little-endian), and the tokens. */
  readonly offsetsAt: number;
  readonly tokensAt: number;
  /** CRC-32 of each `blockBytes` of tokens, as little-endian uint32 in base64. */
  readonly blocks: string;
}

export interface TokenCounts {
  readonly shards: number;
  readonly documents: number;
  readonly tokens: number;
}

export interface TokenIndex {
  readonly format: typeof tokensFormat;
  readonly version: number;
  readonly key: string;
  readonly dtype: TokenType;
  readonly vocabSize: number;
  /** Every document ends with it. */
  readonly endOfText: number;
  /** Seed of the hash that orders the documents. */
  readonly seed: number;
  readonly tokenizer: { readonly file?: string; readonly sha256: string };
  /** True when some shard has loss masks. */
  readonly hasLossMasks?: boolean;
  readonly splits: Readonly<Record<string, TokenCounts>>;
  /** By split, source, prefix, file. */
  readonly shards: readonly ShardEntry[];
}

/** What an index says besides its shards. */
export type IndexHead = Pick<
  TokenIndex,
  'key' | 'vocabSize' | 'endOfText' | 'seed' | 'tokenizer' | 'hasLossMasks'
>;

export function tokenTypeOf(vocabSize: number): TokenType {
  return vocabSize <= 65536 ? 'uint16' : 'uint32';
}

export function tokenBytes(dtype: TokenType): 2 | 4 {
  return dtype === 'uint16' ? 2 : 4;
}

/** Sorts the shards and adds up the splits; the same shards in any order give the same index. */
export function buildIndex(head: IndexHead, shards: readonly ShardEntry[]): TokenIndex {
  const sorted = shards.map(inFieldOrder).sort(compareShards);
  const splits = createRecord<TokenCounts>();
  for (const shard of sorted) {
    const sum = splits[shard.split] ?? { shards: 0, documents: 0, tokens: 0 };
    splits[shard.split] = {
      shards: sum.shards + 1,
      documents: sum.documents + shard.documents,
      tokens: sum.tokens + shard.tokens,
    };
  }
  const { key, vocabSize, endOfText, seed, tokenizer, hasLossMasks } = head;
  return {
    format: tokensFormat,
    version: tokensVersion,
    key,
    dtype: tokenTypeOf(vocabSize),
    vocabSize,
    endOfText,
    seed,
    tokenizer,
    hasLossMasks,
    splits,
    shards: sorted,
  };
}

export function formatIndex(index: TokenIndex): string {
  return `${JSON.stringify(index, undefined, 1)}\n`;
}

/** Checks the format, the version and that files are named that lie beside it. @throws DataError `tokens-index-damaged`, `tokens-version` */
export function parseIndex(text: string): TokenIndex {
  let index: TokenIndex;
  try {
    index = JSON.parse(text) as TokenIndex;
  } catch (cause) {
    throw damagedIndex('it is no JSON', cause);
  }
  if (index?.format !== tokensFormat || !Array.isArray(index.shards))
    throw damagedIndex('it is of another format');
  if (index.version !== tokensVersion) {
    throw new DataError(
      'tokens-version',
      `index.json has format version ${index.version}, this program reads ${tokensVersion}`,
      'use the Gristmill that wrote it, or pack the corpus again with this one',
    );
  }
  const names = [...index.shards.map((shard) => shard?.file), index.tokenizer?.file ?? 'none'];
  const wrong = names.find((name) => !isFileName(name));
  if (wrong !== undefined) throw damagedIndex(`it names the file ${JSON.stringify(wrong)}`);
  return index;
}

/** The identity of an index: what a run is bound to. */
export function indexDigest(index: TokenIndex): string {
  return sha256(formatIndex(index));
}

function damagedIndex(why: string, cause?: unknown): DataError {
  return new DataError(
    'tokens-index-damaged',
    `index.json cannot be used: ${why}`,
    'run `gristmill fsck --repair`',
    {
      cause,
    },
  );
}

/** The same fields in the same order, wherever the entry comes from: the file is a function of the values. */
function inFieldOrder(shard: ShardEntry): ShardEntry {
  const { file, bytes, sha256, split, source, prefix, documents, tokens, offsetsAt, tokensAt, blocks } =
    shard;
  return { file, bytes, sha256, split, source, prefix, documents, tokens, offsetsAt, tokensAt, blocks };
}

function compareShards(a: ShardEntry, b: ShardEntry): number {
  return (
    compare(a.split, b.split) ||
    compare(a.source, b.source) ||
    compare(a.prefix, b.prefix) ||
    compare(a.file, b.file)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function shardName(prefix: string, digest: string): string {
  return `shard-${prefix === '' ? 'all' : prefix}-${digest.slice(0, 16)}.arrow`;
}
