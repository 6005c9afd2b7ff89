// Flat token files. nanoGPT: `train.bin` and `val.bin`, uint16 without a header (data/openwebtext/prepare.py).
// llm.c: 1,024 bytes of header (256 int32: magic 20240520, version 1, tokens), then uint16; larger vocabularies take
// magic 20240801, version 7 and uint32, as its Llama 3 data. There a document begins with end-of-text.

import { DataError } from '@gristmill/core';
import type { PutFile } from './export-tokens.ts';
import { tokenBytes, type ShardEntry } from './token-index.ts';
import type { Tokens } from './token-reader.ts';
import type { TokenArray } from './token-region.ts';

/** Tokens of an llm.c shard at most, as its own scripts write them. */
const llmcShardTokens = 100_000_000;

export async function exportNanoGpt(tokens: Tokens, put: PutFile): Promise<void> {
  if (tokens.index.dtype !== 'uint16') {
    throw new DataError(
      'export-vocabulary',
      `nanoGPT reads 16-bit tokens, the vocabulary has ${tokens.index.vocabSize}`,
      'export to llm.c, megatron, mds, hf-datasets or parquet-ids',
    );
  }
  for (const split of Object.keys(tokens.index.splits)) {
    await put(`${shortName(split)}.bin`, flatTokens(tokens, shardsOf(tokens, split)));
  }
}

export async function exportLlmC(tokens: Tokens, put: PutFile): Promise<void> {
  for (const split of Object.keys(tokens.index.splits)) {
    const files = cutFiles(shardsOf(tokens, split));
    for (const [number, shards] of files.entries()) {
      const name = `tokens_${shortName(split)}_${String(number).padStart(6, '0')}.bin`;
      await put(name, withHeader(tokens, shards));
    }
  }
}

/** The shards of a split in the order of the index. */
export function shardsOf(tokens: Tokens, split: string): ShardEntry[] {
  return tokens.index.shards.filter((shard) => shard.split === split);
}

/** Regions of about a megabyte, in order. */
export async function* readThrough(tokens: Tokens, shard: ShardEntry): AsyncGenerator<TokenArray> {
  const step = 1 << 19;
  for (let start = 0; start < shard.tokens; start += step) {
    yield await tokens.read(shard, start, Math.min(shard.tokens, start + step));
  }
}

export function bytesOf(tokens: TokenArray | Int32Array): Uint8Array {
  return new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
}

async function* flatTokens(tokens: Tokens, shards: readonly ShardEntry[]): AsyncGenerator<Uint8Array> {
  for (const shard of shards) for await (const region of readThrough(tokens, shard)) yield bytesOf(region);
}

/** Moving the end-of-text token from the end of each document to its beginning shifts the whole stream by one. */
async function* withHeader(tokens: Tokens, shards: readonly ShardEntry[]): AsyncGenerator<Uint8Array> {
  const { dtype, endOfText } = tokens.index;
  const count = shards.reduce((sum, shard) => sum + shard.tokens, 0);
  const header = new Int32Array(256);
  header.set(dtype === 'uint16' ? [20240520, 1, count] : [20240801, 7, count]);
  yield bytesOf(header);
  yield bytesOf(dtype === 'uint16' ? Uint16Array.of(endOfText) : Uint32Array.of(endOfText));
  let left = count * tokenBytes(dtype) - tokenBytes(dtype);
  for await (const chunk of flatTokens(tokens, shards)) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
  }
}

function cutFiles(shards: readonly ShardEntry[]): ShardEntry[][] {
  const files: ShardEntry[][] = [];
  let held = Infinity;
  for (const shard of shards) {
    if (held + shard.tokens > llmcShardTokens) {
      files.push([]);
      held = 0;
    }
    files[files.length - 1].push(shard);
    held += shard.tokens;
  }
  return files;
}

function shortName(split: string): string {
  return split === 'validation' ? 'val' : split;
}
