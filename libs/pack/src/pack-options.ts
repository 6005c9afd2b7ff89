// Options of the pack stage as a recipe writes them. Sizes and the seed shape the shards; sequence length, packing and
// mixture do not appear here, since they are chosen at reading.

import { resolveOptions, type JsonObject, type OptionSchema, type OptionsOf } from '@gristmill/core';

export const packOptions = {
  tokenizer: { type: 'string', default: 'tokenizer', description: 'Name of the pinned tokenizer.' },
  shardMegabytes: {
    type: 'number',
    default: 256,
    least: 2 ** -20,
    most: 2048,
    description: 'Tokens of a shard in megabytes (2^20 bytes); 64 to 512 serve most.',
  },
  seed: { type: 'integer', default: 0, description: 'Seed of the hash that orders documents.' },
  maskPersonalData: {
    type: 'boolean',
    default: true,
    description: 'Mask what `personalDataStage` found; a recipe without that step masks nothing.',
  },
  endOfText: {
    type: 'string',
    default: '<|endoftext|>',
    description: 'The special token that ends every document.',
  },
  conversations: {
    type: 'list',
    default: [],
    description: 'Sources whose documents are conversations: the loss is taken on what the assistant says.',
  },
} as const satisfies OptionSchema;

export type PackOptions = OptionsOf<typeof packOptions>;

export interface ResolvedPackOptions {
  readonly tokenizer: string;
  readonly shardBytes: number;
  readonly seed: number;
  readonly maskPersonalData: boolean;
  readonly endOfText: string;
  readonly conversations: readonly string[];
}

/** @throws DataError `pack-option` */
export function resolvePackOptions(options: JsonObject): ResolvedPackOptions {
  const { shardMegabytes, ...rest } = resolveOptions(packOptions, options, {
    name: 'pack',
    code: 'pack-option',
  });
  return { ...rest, shardBytes: Math.floor(shardMegabytes * (1 << 20)) };
}
