// Writes a whole `tokens/<key>/` folder from tokenised documents held in memory. The build stage `pack` uses the same
// parts (planShards, encodeShard, buildIndex) but works shard by shard; this is the short way for tests, tools and
// corpora that fit in memory. The files are a function of the set of documents, not of their order.

import { sha256 } from '@gristmill/core';
import { openDiskStore, type Store } from '@gristmill/storage';
import {
  buildIndex,
  formatIndex,
  shardName,
  tokenTypeOf,
  type IndexHead,
  type ShardEntry,
  type TokenIndex,
} from './token-index.ts';
import { planShards } from './token-plan.ts';
import { encodeShard, type TokenDocument } from './token-shard.ts';

export interface NewDocument extends TokenDocument {
  readonly split: string;
  readonly source: string;
}

export interface TokenWriteOptions {
  readonly vocabSize: number;
  readonly endOfText: number;
  /** Bytes of a tokenizer.json, kept beside the shards. */
  readonly tokenizer?: Uint8Array;
  readonly seed?: number;
  /** Bytes of tokens in a shard at most; a longer document is a shard alone. Default 256 MiB. */
  readonly shardBytes?: number;
  /** Name of the folder's content in the index. */
  readonly key?: string;
}

export const defaultShardBytes = 256 << 20;

/** Writes shards, tokenizer.json and, last, index.json. */
export async function writeTokenShards(
  place: string | Store,
  documents: Iterable<NewDocument> | AsyncIterable<NewDocument>,
  options: TokenWriteOptions,
): Promise<TokenIndex> {
  const store = typeof place === 'string' ? openDiskStore({ root: place }) : place;
  const { vocabSize, endOfText, seed = 0, key = 'loose', shardBytes = defaultShardBytes } = options;
  const dtype = tokenTypeOf(vocabSize);
  const limitTokens = Math.floor(shardBytes / (dtype === 'uint16' ? 2 : 4));
  const entries: ShardEntry[] = [];
  let hasLossMasks: true | undefined;
  for (const [split, source, group] of await groupDocuments(documents)) {
    if (group.some((held) => held.document.lossMask !== undefined)) hasLossMasks = true;
    for (const plan of planShards(group, { seed, limitTokens })) {
      const shard = encodeShard(
        plan.documents.map((planned) => planned.document),
        { dtype, endOfText },
      );
      const entry = shardEntry(shard, { split, source, prefix: plan.prefix });
      await store.create(entry.file, shard.bytes);
      entries.push(entry);
    }
  }
  const tokenizer = await writeTokenizer(store, options.tokenizer);
  const head: IndexHead = { key, vocabSize, endOfText, seed, tokenizer, hasLossMasks };
  const index = buildIndex(head, entries);
  await store.replace('index.json', formatIndex(index));
  return index;
}

/** How the index names an encoded shard. */
function shardEntry(
  shard: ReturnType<typeof encodeShard>,
  place: { split: string; source: string; prefix: string },
): ShardEntry {
  const digest = sha256(shard.bytes);
  return {
    file: shardName(place.prefix, digest),
    bytes: shard.bytes.length,
    sha256: digest,
    ...place,
    documents: shard.documents,
    tokens: shard.tokens,
    offsetsAt: shard.offsetsAt,
    tokensAt: shard.tokensAt,
    blocks: shard.blocks,
  };
}

async function writeTokenizer(store: Store, bytes: Uint8Array | undefined): Promise<TokenIndex['tokenizer']> {
  if (bytes === undefined) return { sha256: sha256('') };
  await store.replace('tokenizer.json', bytes);
  return { file: 'tokenizer.json', sha256: sha256(bytes) };
}

interface Held {
  readonly id: string;
  readonly tokens: number;
  readonly document: NewDocument;
}

async function groupDocuments(
  documents: Iterable<NewDocument> | AsyncIterable<NewDocument>,
): Promise<[string, string, Held[]][]> {
  const groups = new Map<string, [string, string, Held[]]>();
  for await (const document of documents) {
    const key = JSON.stringify([document.split, document.source]);
    const group = groups.get(key) ?? [document.split, document.source, []];
    groups.set(key, group);
    group[2].push({ id: document.id, tokens: document.tokens.length + 1, document });
  }
  return [...groups.values()];
}
