// A token shard written without holding its tokens: everything else is laid out first, around tokens that are zeros which
// nobody touches (so the system gives them no memory); then the real ones are put in their place as they come, twice:
// to learn the digest that the file is named by, and to write.

import { createHash } from 'node:crypto';
import { RecordBatchFileWriter } from 'apache-arrow';
import { ShardColumns } from './shard-columns.ts';
import { createBlockSums, isBlockIntact } from './token-blocks.ts';
import { shardName, type ShardEntry, type TokenType } from './token-index.ts';

export { isBlockIntact, ShardColumns };

export interface StreamedShard {
  readonly shard: ShardEntry;
  /** The file's bytes. A chunk is valid until the next is asked for, as those of `tokens` are. */
  bytes(): AsyncGenerator<Uint8Array>;
}

export interface StreamOptions {
  readonly dtype: TokenType;
  readonly place: { readonly split: string; readonly source: string; readonly prefix: string };
  /** All tokens as little-endian bytes, with end-of-text, the same at each call. */
  tokens(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** The same bytes as `encodeShard`. */
export async function streamShard(
  columns: ShardColumns,
  { dtype, place, tokens }: StreamOptions,
): Promise<StreamedShard> {
  const layout = await layOut(columns, dtype);
  async function* bytes() {
    yield* layout.before;
    yield* tokens();
    yield* layout.after;
  }
  const sums = createBlockSums();
  const hash = createHash('sha256');
  for (const chunk of layout.before) hash.update(chunk);
  for await (const chunk of tokens()) {
    sums.update(chunk);
    hash.update(chunk);
  }
  for (const chunk of layout.after) hash.update(chunk);
  const digest = hash.digest('hex');
  const shard: ShardEntry = {
    file: shardName(place.prefix, digest),
    bytes: layout.bytes,
    sha256: digest,
    ...place,
    documents: columns.documents,
    tokens: columns.tokens,
    offsetsAt: layout.offsetsAt,
    tokensAt: layout.tokensAt,
    blocks: sums.finish(),
  };
  return { shard, bytes };
}

interface Layout {
  readonly before: readonly Uint8Array[];
  readonly after: readonly Uint8Array[];
  readonly offsetsAt: number;
  readonly tokensAt: number;
  /** Of the whole file. */
  readonly bytes: number;
}

async function layOut(columns: ShardColumns, dtype: TokenType): Promise<Layout> {
  const { tokens: count, offsets } = columns;
  const untouched = dtype === 'uint16' ? new Uint16Array(count) : new Uint32Array(count);
  const [before, after]: [Uint8Array[], Uint8Array[]] = [[], []];
  let [at, offsetsAt, tokensAt] = [0, -1, -1];
  for await (const chunk of RecordBatchFileWriter.writeAll(columns.table(untouched))) {
    if (chunk.buffer === untouched.buffer) tokensAt = at;
    else if (tokensAt < 0) before.push(chunk);
    else after.push(chunk);
    // The last list before the tokens is theirs.
    if (chunk.length === offsets.byteLength && tokensAt < 0) offsetsAt = at;
    at += chunk.length;
  }
  return { before, after, offsetsAt, tokensAt, bytes: at };
}
