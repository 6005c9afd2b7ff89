// Reads some tokens of a shard as whole blocks, checks each against its sum, and names the shard and the documents
// when one is not what was written. The hot way from file to memory: one read for each region.

import { DataError } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import type { BufferPool, PooledBuffer } from './buffer-pool.ts';
import { isBlockIntact } from './token-blocks.ts';
import { blockBytes, tokenBytes, type ShardEntry, type TokenIndex, type TokenType } from './token-index.ts';
import type { ShardHead } from './token-shard.ts';

/** A place to read files from: any Store; one that can read into a given buffer is faster. */
export type TokenStore = Pick<Store, 'location' | 'read' | 'stat'> & {
  readInto?(path: string, into: Uint8Array, offset: number): Promise<void>;
  close?(): Promise<void>;
};
export type TokenArray = Uint16Array | Uint32Array;

/** Tokens [start − 1, end) of a shard; the one before a shard's first is end-of-text. */
export interface Region {
  readonly tokens: TokenArray;
  /** Release it when done. */
  readonly buffer: PooledBuffer;
}

export interface RegionSource {
  readonly store: TokenStore;
  readonly index: TokenIndex;
  head(shard: ShardEntry): Promise<ShardHead>;
  readonly pool: BufferPool;
}

/** Bytes before the first block in a buffer: room for the leading token, aligned. */
const leadRoom = 4;

/** Bytes of buffer that a region of `tokens` tokens may need. */
export function regionBytes(tokens: number, dtype: TokenType, isAligned: boolean): number {
  return leadRoom + tokens * tokenBytes(dtype) + (isAligned ? 0 : 2 * blockBytes);
}

/** @throws DataError `shard-damaged`, `shard-missing`, naming the documents */
export async function readRegion(
  source: RegionSource,
  shard: ShardEntry,
  start: number,
  end: number,
): Promise<Region> {
  const width = tokenBytes(source.index.dtype);
  const from = Math.floor((start * width) / blockBytes) * blockBytes;
  const to = Math.min(Math.ceil((end * width) / blockBytes) * blockBytes, shard.tokens * width);
  const buffer = source.pool.take(leadRoom + to - from);
  const tokens = viewTokens(buffer.bytes, source.index.dtype);
  try {
    const lead = from === 0 ? 0 : width;
    const into = buffer.bytes.subarray(leadRoom - lead);
    await readBytes(source.store, shard, into, shard.tokensAt + from - lead);
    if (lead === 0) tokens[leadRoom / width - 1] = source.index.endOfText;
    await checkBlocks(source, shard, buffer.bytes.subarray(leadRoom), from);
  } catch (error) {
    buffer.release();
    throw error;
  }
  const first = start - from / width + leadRoom / width - 1;
  return { tokens: tokens.subarray(first, first + end - start + 1), buffer };
}

/** @throws DataError `shard-missing`, or `shard-damaged` for a wrong length */
export async function checkFile(store: TokenStore, shard: ShardEntry): Promise<void> {
  const found = await store.stat(shard.file);
  if (found === undefined) {
    throw new DataError(
      'shard-missing',
      `shard ${shard.file} (${shard.documents} documents of ${shard.source}, ${shard.split}) is missing`,
      'run `gristmill fsck --repair`, or read on with the policy `skip`',
    );
  }
  if (found.size !== shard.bytes) {
    throw damagedShard(shard, `it has ${found.size} bytes instead of ${shard.bytes}`);
  }
}

export function damagedShard(shard: ShardEntry, why: string, cause?: unknown): DataError {
  return new DataError(
    'shard-damaged',
    `shard ${shard.file} is damaged: ${why}`,
    'run `gristmill fsck --repair`, or read on with the policy `skip`',
    { cause },
  );
}

async function readBytes(
  store: TokenStore,
  shard: ShardEntry,
  into: Uint8Array,
  offset: number,
): Promise<void> {
  try {
    if (store.readInto !== undefined) await store.readInto(shard.file, into, offset);
    else into.set(await store.read(shard.file, offset, into.length));
  } catch (cause) {
    await checkFile(store, shard);
    throw cause;
  }
}

async function checkBlocks(
  source: RegionSource,
  shard: ShardEntry,
  bytes: Uint8Array,
  from: number,
): Promise<void> {
  const sums = Buffer.from(shard.blocks, 'base64');
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    if (isBlockIntact(block, sums, (from + at) / blockBytes)) continue;
    const width = tokenBytes(source.index.dtype);
    const names = await namesOf(source, shard, (from + at) / width, block.length / width);
    throw damagedShard(shard, `${names} cannot be trusted`);
  }
}

async function namesOf(
  source: RegionSource,
  shard: ShardEntry,
  start: number,
  count: number,
): Promise<string> {
  const head = await source.head(shard).catch(() => undefined);
  if (head === undefined) return `tokens ${start} to ${start + count - 1}`;
  const ids: string[] = [];
  for (let row = 0; row < head.documents; row++) {
    if (head.offsets[row] >= start + count || head.offsets[row + 1] <= start) continue;
    ids.push(Buffer.from(head.ids.subarray(row * 16, row * 16 + 16)).toString('hex'));
  }
  const more = ids.length > 8 ? ` and ${ids.length - 8} more` : '';
  return `its documents ${ids.slice(0, 8).join(', ')}${more}`;
}

/** The tokens that lie in some bytes, which begin at a multiple of a token's width. */
export function viewTokens(bytes: Uint8Array, dtype: TokenType): TokenArray {
  const length = bytes.byteLength / tokenBytes(dtype);
  return dtype === 'uint16'
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, length)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}
