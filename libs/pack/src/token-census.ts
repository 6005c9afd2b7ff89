// What a folder of shards holds, counted in one walk: documents, tokens and bytes by source and language, and how often
// each token occurs. Kept beside a pinned tokenizer it is what later corpora are compared with.

import { DataError } from '@gristmill/core';
import type { ShardEntry, Tokens } from '@gristmill/shards';
import { loadTokenizer, type Tokenizer } from '@gristmill/tokenizer';

export interface TokenGroup {
  readonly source: string;
  readonly language?: string;
  documents: number;
  /** Without the end-of-text token of each document. */
  tokens: number;
  /** Of the text that the tokens spell, in UTF-8. */
  bytes: number;
}

export interface TokenCensus {
  /** SHA-256 of the tokenizer. */
  readonly tokenizer: string;
  /** By source, then language. */
  readonly groups: readonly TokenGroup[];
  /** Occurrences by id. */
  readonly counts: Float64Array;
}

/** Of all splits. */
export async function takeCensus(tokens: Tokens): Promise<TokenCensus> {
  const { vocabSize, tokenizer } = tokens.index;
  const counts = new Float64Array(vocabSize);
  const sizes = tokenSizes(loadTokenizer(await tokens.tokenizer()), vocabSize);
  const groups = new Map<string, TokenGroup>();
  for (const shard of tokens.index.shards) await countShard(tokens, shard, { counts, sizes, groups });
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return { tokenizer: tokenizer.sha256, groups: sorted, counts };
}

interface Counting {
  readonly counts: Float64Array;
  readonly sizes: Uint32Array;
  readonly groups: Map<string, TokenGroup>;
}

async function countShard(tokens: Tokens, shard: ShardEntry, counting: Counting): Promise<void> {
  const { counts, sizes, groups } = counting;
  const { language } = await tokens.head(shard);
  for await (const document of tokens.documents(shard)) {
    const group = openGroup(groups, shard.source, language?.[document.row]);
    const ids = document.tokens;
    let bytes = 0;
    for (let i = 0; i + 1 < ids.length; i++) {
      counts[ids[i]]++;
      bytes += sizes[ids[i]];
    }
    group.documents++;
    group.tokens += ids.length - 1;
    group.bytes += bytes;
  }
}

function openGroup(groups: Map<string, TokenGroup>, source: string, language?: string): TokenGroup {
  const key = JSON.stringify([source, language]);
  let group = groups.get(key);
  if (group === undefined) {
    group = { source, ...(language !== undefined && { language }), documents: 0, tokens: 0, bytes: 0 };
    groups.set(key, group);
  }
  return group;
}

/** Bytes of each token of a text. */
export function tokenSizes(tokenizer: Tokenizer, vocabSize: number): Uint32Array {
  return Uint32Array.from({ length: vocabSize }, (_, id) => tokenizer.tokenBytes(id)?.length ?? 0);
}

const format = 'gristmill-token-census';

/** One line of JSON: the same census gives the same bytes. */
export function spellCensus({ tokenizer, groups, counts }: TokenCensus): string {
  return `${JSON.stringify({ format, version: 1, tokenizer, groups, counts: [...counts] })}\n`;
}

/** @param name of the file, for the error. @throws DataError `census-damaged` */
export function parseCensus(text: string, name: string): TokenCensus {
  let value: Partial<TokenCensus> & { format?: string; version?: number };
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    value = {};
  }
  const { tokenizer, groups, counts } = value;
  if (value.format === format && value.version === 1 && tokenizer !== undefined && groups && counts) {
    return { tokenizer, groups, counts: Float64Array.from(counts) };
  }
  throw new DataError(
    'census-damaged',
    `${name} is no token census of version 1`,
    'write one by `gristmill tokens DIR --record FILE`',
  );
}
