// Options of the pack stage as a recipe writes them. Sizes and the seed shape the shards; sequence length, packing and
// mixture do not appear here, since they are chosen at reading.

import { DataError, type JsonObject } from '@gristmill/core';

export type PackOptions = JsonObject & {
  /** Name of the pinned artefact. Default `tokenizer`. */
  readonly tokenizer?: string;
  /** Tokens of a shard in megabytes (2^20 bytes), 64 to 512. Default 256. */
  readonly shardMegabytes?: number;
  /** Seed of the hash that orders documents. Default 0. */
  readonly seed?: number;
  /** Mask personal data. Default true. */
  readonly maskPersonalData?: boolean;
  /** The special token that ends every document. Default `<|endoftext|>`. */
  readonly endOfText?: string;
  /** Sources whose documents are conversations: the loss is taken on what the assistant says. Default none. */
  readonly conversations?: readonly string[];
};

export interface ResolvedPackOptions {
  readonly tokenizer: string;
  readonly shardBytes: number;
  readonly seed: number;
  readonly maskPersonalData: boolean;
  readonly endOfText: string;
  readonly conversations: readonly string[];
}

const names = ['tokenizer', 'shardMegabytes', 'seed', 'maskPersonalData', 'endOfText', 'conversations'];

/** @throws DataError `pack-option` */
export function resolvePackOptions(options: PackOptions): ResolvedPackOptions {
  const {
    tokenizer = 'tokenizer',
    shardMegabytes = 256,
    seed = 0,
    maskPersonalData = true,
    endOfText = '<|endoftext|>',
    conversations = [],
  } = options;
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw wrongOption(unknown, `pack knows ${names.join(', ')}`);
  if (typeof shardMegabytes !== 'number' || !(shardMegabytes > 0 && shardMegabytes <= 2048)) {
    throw wrongOption('shardMegabytes', 'give a number from 64 to 512');
  }
  if (!Number.isInteger(seed)) throw wrongOption('seed', 'give an integer');
  if (typeof maskPersonalData !== 'boolean') throw wrongOption('maskPersonalData', 'give true or false');
  if (typeof tokenizer !== 'string') throw wrongOption('tokenizer', 'give the name of a pinned artefact');
  if (typeof endOfText !== 'string') throw wrongOption('endOfText', 'give a special token of the tokenizer');
  if (!Array.isArray(conversations) || conversations.some((name) => typeof name !== 'string'))
    throw wrongOption('conversations', 'give a list of names of sources');
  const shardBytes = Math.floor(shardMegabytes * (1 << 20));
  return { tokenizer, shardBytes, seed, maskPersonalData, endOfText, conversations };
}

function wrongOption(name: string, hint: string): DataError {
  return new DataError('pack-option', `the option ${name} of pack is wrong`, hint);
}
