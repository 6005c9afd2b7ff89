// Opens a `tokens/<key>/` folder: its index, the heads of its shards, and blocks of tokens checked against their sums.
// A reader trusts only what the index names. Errors name the shard and, where tokens are damaged, the documents.

import { DataError } from '@gristmill/core';
import { openDiskStore, type Store } from '@gristmill/storage';
import { isBlockIntact } from './token-blocks.ts';
import { blockBytes, parseIndex, tokenBytes, type ShardEntry, type TokenIndex } from './token-index.ts';
import { decodeHead, tokensView, type ShardHead } from './token-shard.ts';

/** A place to read files from: any Store. */
export type TokenStore = Pick<Store, 'location' | 'read' | 'stat'>;
export type TokenArray = Uint16Array | Uint32Array;

export interface Tokens {
  readonly location: string;
  readonly index: TokenIndex;
  /** The tokenizer.json beside the shards. @throws DataError when the folder has none or its checksum differs */
  tokenizer(): Promise<Uint8Array>;
  head(shard: ShardEntry): Promise<ShardHead>;
  /** Tokens [start, end) of a shard, checked; a view of a block where it lies in one: do not write to it. */
  read(shard: ShardEntry, start: number, end: number): Promise<TokenArray>;
  /** The same after the token before `start` (end-of-text at the start of a shard); not kept in memory. */
  readLed(shard: ShardEntry, start: number, end: number): Promise<TokenArray>;
  /**
   * One block, checked, after the token before it (end-of-text at the start of a shard): `blockTokens + 1` at most.
   * @throws DataError `shard-damaged`, `shard-missing`, naming the documents
   */
  readBlock(shard: ShardEntry, block: number): Promise<TokenArray>;
  /** Documents of a shard with their tokens, in its order; the end-of-text token is the last of each. */
  documents(shard: ShardEntry): AsyncGenerator<ReadDocument>;
}

export interface ReadDocument {
  readonly id: string;
  /** In the shard, from 0. */
  readonly row: number;
  /** Position of its first token in the shard. */
  readonly start: number;
  readonly tokens: TokenArray;
}

const kept = 16;

/**
 * Opens shards in a folder or store.
 * @param options.index a pinned copy of index.json; absent = the one that lies there now
 */
export async function openTokens(
  place: string | TokenStore,
  options: { index?: TokenIndex } = {},
): Promise<Tokens> {
  const store = typeof place === 'string' ? openDiskStore({ root: place }) : place;
  const index = options.index ?? (await readIndex(store));
  const heads = new Map<string, Promise<ShardHead>>();
  const blocks = new Map<string, Promise<TokenArray>>();
  const readBlock = (shard: ShardEntry, block: number) => readCheckedBlock(store, index, shard, block);
  const head = (shard: ShardEntry) => remember(heads, shard.file, () => readHead(store, index, shard));
  const recentBlock = (shard: ShardEntry, block: number) =>
    remember(blocks, `${shard.file} ${block}`, () => readBlock(shard, block));
  return {
    location: store.location,
    index,
    tokenizer: () => readTokenizer(store, index),
    head,
    readBlock,
    read: async (shard, start, end) => (await readLed(index, recentBlock, shard, start, end)).subarray(1),
    readLed: (shard, start, end) => readLed(index, readBlock, shard, start, end),
    async *documents(shard) {
      const { ids, offsets, documents } = await head(shard);
      for (let row = 0; row < documents; row++) {
        const [start, end] = [offsets[row], offsets[row + 1]];
        const tokens = (await readLed(index, recentBlock, shard, start, end)).subarray(1);
        yield { id: idAt(ids, row), row, start, tokens };
      }
    },
  };
}

/** Reads and checks index.json. @throws DataError `tokens-missing` where there is none */
export async function readIndex(store: TokenStore): Promise<TokenIndex> {
  if ((await store.stat('index.json')) === undefined) {
    throw new DataError(
      'tokens-missing',
      `there is no index.json in ${store.location}`,
      'give the folder tokens/<key> of a corpus that `gristmill run` has packed',
    );
  }
  return parseIndex(new TextDecoder().decode(await store.read('index.json')));
}

/** The id of document `row`, 32 hex digits. */
export function idAt(ids: Uint8Array, row: number): string {
  return Buffer.from(ids.buffer, ids.byteOffset + row * 16, 16).toString('hex');
}

function remember<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = cache.get(key) ?? make();
  cache.delete(key);
  cache.set(key, found);
  if (cache.size > kept) cache.delete(cache.keys().next().value!);
  found.catch(() => cache.delete(key));
  return found;
}

async function readHead(store: TokenStore, index: TokenIndex, shard: ShardEntry): Promise<ShardHead> {
  await checkFile(store, shard);
  // The buffer has the file's size but only its ends are filled: untouched pages cost no memory.
  const bytes = new Uint8Array(shard.bytes);
  const tail = shard.tokensAt + shard.tokens * tokenBytes(index.dtype);
  bytes.set(await store.read(shard.file, 0, shard.tokensAt));
  bytes.set(await store.read(shard.file, tail, shard.bytes - tail), tail);
  try {
    return decodeHead(bytes);
  } catch (cause) {
    if (cause instanceof DataError) throw nameShard(cause, shard);
    throw damaged(shard, 'its header cannot be read', cause);
  }
}

async function checkFile(store: TokenStore, shard: ShardEntry): Promise<void> {
  const found = await store.stat(shard.file);
  if (found === undefined) {
    throw new DataError(
      'shard-missing',
      `shard ${shard.file} (${shard.documents} documents of ${shard.source}, ${shard.split}) is missing`,
      'run `gristmill fsck --repair`, or read on with the policy `skip`',
    );
  }
  if (found.size !== shard.bytes)
    throw damaged(shard, `it has ${found.size} bytes instead of ${shard.bytes}`);
}

async function readCheckedBlock(
  store: TokenStore,
  index: TokenIndex,
  shard: ShardEntry,
  block: number,
): Promise<TokenArray> {
  const width = tokenBytes(index.dtype);
  const offset = block * blockBytes;
  const length = Math.min(blockBytes, shard.tokens * width - offset);
  const lead = block === 0 ? 0 : width;
  let bytes: Uint8Array;
  try {
    bytes = await store.read(shard.file, shard.tokensAt + offset - lead, length + lead);
  } catch (cause) {
    await checkFile(store, shard);
    throw cause;
  }
  if (!isBlockIntact(bytes.subarray(lead), Buffer.from(shard.blocks, 'base64'), block)) {
    throw damaged(
      shard,
      `${await namesOf(store, index, shard, offset / width, length / width)} cannot be trusted`,
    );
  }
  const tokens = tokensView(bytes, index.dtype);
  return lead > 0 ? tokens : withLead(tokens, index.endOfText);
}

function withLead(tokens: TokenArray, first: number): TokenArray {
  const led =
    tokens instanceof Uint16Array ? new Uint16Array(tokens.length + 1) : new Uint32Array(tokens.length + 1);
  led[0] = first;
  led.set(tokens, 1);
  return led;
}

async function namesOf(
  store: TokenStore,
  index: TokenIndex,
  shard: ShardEntry,
  start: number,
  count: number,
): Promise<string> {
  const head = await readHead(store, index, shard).catch(() => undefined);
  if (head === undefined) return `tokens ${start} to ${start + count - 1}`;
  const ids: string[] = [];
  for (let row = 0; row < head.documents; row++) {
    if (head.offsets[row] < start + count && head.offsets[row + 1] > start) ids.push(idAt(head.ids, row));
  }
  const more = ids.length > 8 ? ` and ${ids.length - 8} more` : '';
  return `its documents ${ids.slice(0, 8).join(', ')}${more}`;
}

function damaged(shard: ShardEntry, why: string, cause?: unknown): DataError {
  return new DataError(
    'shard-damaged',
    `shard ${shard.file} is damaged: ${why}`,
    'run `gristmill fsck --repair`, or read on with the policy `skip`',
    { cause },
  );
}

function nameShard(error: DataError, shard: ShardEntry): DataError {
  return new DataError(error.code, `${shard.file}: ${error.message}`, error.hint, { cause: error });
}

/** Tokens [start − 1, end). */
async function readLed(
  index: TokenIndex,
  readBlock: (shard: ShardEntry, block: number) => Promise<TokenArray>,
  shard: ShardEntry,
  start: number,
  end: number,
): Promise<TokenArray> {
  const perBlock = blockBytes / tokenBytes(index.dtype);
  const [first, last] = [Math.floor(start / perBlock), Math.max(0, Math.floor((end - 1) / perBlock))];
  if (first === last)
    return (await readBlock(shard, first)).subarray(start - first * perBlock, end - first * perBlock + 1);
  const tokens =
    index.dtype === 'uint16' ? new Uint16Array(end - start + 1) : new Uint32Array(end - start + 1);
  for (let block = first; block <= last; block++) {
    const at = block * perBlock;
    const part = (await readBlock(shard, block)).subarray(
      Math.max(start, at) - at,
      Math.min(end, at + perBlock) - at + 1,
    );
    tokens.set(part, Math.max(start, at) - start);
  }
  return tokens;
}

async function readTokenizer(store: TokenStore, index: TokenIndex): Promise<Uint8Array> {
  if (index.tokenizer.file === undefined) {
    throw new DataError('tokenizer-missing', `${store.location} has no tokenizer`, 'give one by --tokenizer');
  }
  return store.read(index.tokenizer.file);
}
