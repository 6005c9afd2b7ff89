// Opens a `tokens/<key>/` folder: its index, the heads of its shards, and blocks of tokens checked against their sums.
// A reader trusts only what the index names. Errors name the shard and, where tokens are damaged, the documents.

import { DataError } from '@gristmill/core';
import { createBufferPool, type BufferPool } from './buffer-pool.ts';
import { openTokenFolder } from './token-folder.ts';
import { contaminationFile } from './token-contamination.ts';
import { blockBytes, parseIndex, tokenBytes, type ShardEntry, type TokenIndex } from './token-index.ts';
import {
  checkFile,
  damagedShard,
  readRegion,
  type Region,
  type TokenArray,
  type TokenStore,
} from './token-region.ts';
import { decodeHead, type ShardHead } from './token-shard.ts';

export { awaitShards } from './arriving-shards.ts';

export type { TokenArray, TokenStore } from './token-region.ts';

export interface Tokens {
  readonly location: string;
  readonly index: TokenIndex;
  /** The tokenizer.json beside the shards. @throws DataError when the folder has none or its checksum differs */
  tokenizer(): Promise<Uint8Array>;
  /** The bytes of contamination.jsonl beside the shards; undefined where the corpus was not searched. */
  contamination(): Promise<Uint8Array | undefined>;
  head(shard: ShardEntry): Promise<ShardHead>;
  /** The bytes of a shard without its tokens: kept elsewhere, they tell its documents when it is gone. */
  headBytes(shard: ShardEntry): Promise<Uint8Array>;
  /** Tokens [start, end) of a shard, checked; a view of a block where it lies in one: do not write to it. */
  read(shard: ShardEntry, start: number, end: number): Promise<TokenArray>;
  /** The same in memory that the caller gives back, with the token before `start`. */
  readRegion(shard: ShardEntry, start: number, end: number, pool: BufferPool): Promise<Region>;
  /** Documents of a shard with their tokens, in its order; the end-of-text token is the last of each. */
  documents(shard: ShardEntry): AsyncGenerator<ReadDocument>;
  close(): Promise<void>;
}

export interface ReadDocument {
  readonly id: string;
  /** In the shard, from 0. */
  readonly row: number;
  /** Position of its first token in the shard. */
  readonly start: number;
  readonly tokens: TokenArray;
  /** One byte a token, 0 where it does not count; absent where the shard has no masks. */
  readonly lossMask?: Uint8Array;
}

/** Bytes of a shard's head as `Tokens.headBytes` gave them, from a place of their own; undefined = read the shard. */
export type KeptHeads = (shard: ShardEntry) => Promise<Uint8Array | undefined>;

const kept = 16;
const unpooled = createBufferPool(0, 0);

/**
 * Opens shards in a folder or store.
 * @param options.index a pinned copy of index.json; absent = the one that lies there now
 * @param options.keptHeads where heads lie that were kept before a shard went
 */
export async function openTokens(
  place: string | TokenStore,
  options: { index?: TokenIndex; keptHeads?: KeptHeads } = {},
): Promise<Tokens> {
  const store = typeof place === 'string' ? openTokenFolder(place) : place;
  const index = options.index ?? (await readIndex(store));
  const heads = new Map<string, Promise<ShardHead>>();
  const blocks = new Map<string, Promise<TokenArray>>();
  const head = (shard: ShardEntry) =>
    remember(heads, shard.file, async () =>
      parseHead(index, shard, (await options.keptHeads?.(shard)) ?? (await readHead(store, index, shard))),
    );
  const perBlock = blockBytes / tokenBytes(index.dtype);
  const readBlock = async (shard: ShardEntry, block: number) => {
    const [start, end] = [block * perBlock, Math.min(shard.tokens, (block + 1) * perBlock)];
    return (await readRegion({ store, index, head, pool: unpooled }, shard, start, end)).tokens;
  };
  const recentBlock = (shard: ShardEntry, block: number) =>
    remember(blocks, `${shard.file} ${block}`, () => readBlock(shard, block));
  const read = (shard: ShardEntry, start: number, end: number) =>
    readTokens(index, recentBlock, shard, start, end);
  return {
    location: store.location,
    index,
    tokenizer: () => readTokenizer(store, index),
    contamination: async () =>
      (await store.stat(contaminationFile)) === undefined ? undefined : store.read(contaminationFile),
    head,
    headBytes: (shard) => readHead(store, index, shard),
    read,
    readRegion: (shard, start, end, pool) => readRegion({ store, index, head, pool }, shard, start, end),
    async *documents(shard) {
      const { ids, offsets, documents, lossMask: masks } = await head(shard);
      for (let row = 0; row < documents; row++) {
        const [start, end] = [offsets[row], offsets[row + 1]];
        const lossMask = masks?.subarray(start, end);
        yield { id: idAt(ids, row), row, start, tokens: await read(shard, start, end), lossMask };
      }
    },
    close: async () => store.close?.(),
  };
}

/** Reads and checks index.json. @throws DataError `tokens-missing` where there is none */
export async function readIndex(store: TokenStore): Promise<TokenIndex> {
  if ((await store.stat('index.json')) === undefined) {
    const newest = await newestTokens(store);
    throw new DataError(
      'tokens-missing',
      newest === undefined
        ? `there is no index.json in ${store.location}`
        : `${store.location} is a corpus, and no folder of tokens`,
      newest === undefined
        ? 'give a corpus that `gristmill run` has packed, or its folder tokens/<key>'
        : `give the tokens of its newest build: ${store.location.replace(/\/$/, '')}/${newest}`,
    );
  }
  return parseIndex(new TextDecoder().decode(await store.read('index.json')));
}

/** Where `store` is a corpus: the tokens of its newest build, `tokens/<key>`. */
async function newestTokens(store: TokenStore): Promise<string | undefined> {
  const readJson = async (path: string): Promise<unknown> =>
    (await store.stat(path)) && JSON.parse(new TextDecoder().decode(await store.read(path)));
  try {
    const { builds } = (await readJson('manifest.json')) as { builds: string[] };
    const { current } = (await readJson(`manifests/${builds.at(-1)}.json`)) as { current: object };
    const index = Object.keys(current).find((path) => /^tokens\/[^/]+\/index\.json$/.test(path));
    return index?.slice(0, -'/index.json'.length);
  } catch {
    return undefined;
  }
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

/** Everything but the tokens. */
async function readHead(store: TokenStore, index: TokenIndex, shard: ShardEntry): Promise<Uint8Array> {
  await checkFile(store, shard);
  const tail = shard.tokensAt + shard.tokens * tokenBytes(index.dtype);
  const parts = [store.read(shard.file, 0, shard.tokensAt), store.read(shard.file, tail, shard.bytes - tail)];
  return Buffer.concat(await Promise.all(parts));
}

function parseHead(index: TokenIndex, shard: ShardEntry, head: Uint8Array): ShardHead {
  const tail = shard.tokensAt + shard.tokens * tokenBytes(index.dtype);
  if (head.length !== shard.tokensAt + shard.bytes - tail) {
    throw damagedShard(shard, `its head has ${head.length} bytes`);
  }
  // The buffer has the file's size but only its ends are filled: untouched pages cost no memory.
  const bytes = new Uint8Array(shard.bytes);
  bytes.set(head.subarray(0, shard.tokensAt));
  bytes.set(head.subarray(shard.tokensAt), tail);
  try {
    return decodeHead(bytes);
  } catch (cause) {
    if (cause instanceof DataError) throw nameShard(cause, shard);
    throw damagedShard(shard, 'its header cannot be read', cause);
  }
}

/** Tokens [start, end), out of blocks. */
async function readTokens(
  index: TokenIndex,
  readBlock: (shard: ShardEntry, block: number) => Promise<TokenArray>,
  shard: ShardEntry,
  start: number,
  end: number,
): Promise<TokenArray> {
  const perBlock = blockBytes / tokenBytes(index.dtype);
  const [first, last] = [Math.floor(start / perBlock), Math.max(0, Math.floor((end - 1) / perBlock))];
  const within = (block: TokenArray, at: number) =>
    block.subarray(Math.max(start, at) - at + 1, Math.min(end, at + perBlock) - at + 1);
  if (first === last) return within(await readBlock(shard, first), first * perBlock);
  const tokens = index.dtype === 'uint16' ? new Uint16Array(end - start) : new Uint32Array(end - start);
  for (let block = first; block <= last; block++) {
    const part = within(await readBlock(shard, block), block * perBlock);
    tokens.set(part, Math.max(start, block * perBlock) - start);
  }
  return tokens;
}

function nameShard(error: DataError, shard: ShardEntry): DataError {
  return new DataError(error.code, `${shard.file}: ${error.message}`, error.hint, { cause: error });
}

async function readTokenizer(store: TokenStore, index: TokenIndex): Promise<Uint8Array> {
  if (index.tokenizer.file === undefined) {
    throw new DataError('tokenizer-missing', `${store.location} has no tokenizer`, 'give one by --tokenizer');
  }
  return store.read(index.tokenizer.file);
}
