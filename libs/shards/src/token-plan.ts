// Which document goes into which shard: extendible hashing over a seeded hash of the id. A shard is the shortest
// prefix of that hash whose tokens fit the limit, so growth splits one shard and the plan is a pure function of the
// set. Nothing here knows a file or a token.

import { createHash } from 'node:crypto';

export interface PlannedDocument {
  /** 32 hex digits. */
  readonly id: string;
  /** Tokens with the end-of-text token. */
  readonly tokens: number;
}

export interface ShardPlan<D extends PlannedDocument> {
  /** Leading bits as `0` and `1`; a document above the limit has all 64. */
  readonly prefix: string;
  /** In the order of the hash. */
  readonly documents: readonly D[];
}

/** Position of a document in the order of its shard: 64 bits of SHA-256 over seed and id. */
export function orderHash(id: string, seed: number): bigint {
  return createHash('sha256').update(`${seed}\n${id}`).digest().readBigUInt64BE(0);
}

export function prefixBits(hash: bigint, length: number): string {
  return hash.toString(2).padStart(64, '0').slice(0, length);
}

/** Plans the shards of one (split, source). The order of `documents` does not matter. */
export function planShards<D extends PlannedDocument>(
  documents: Iterable<D>,
  options: { seed: number; limitTokens: number },
): ShardPlan<D>[] {
  const hashed = [...documents].map((document) => ({ document, hash: orderHash(document.id, options.seed) }));
  hashed.sort((a, b) =>
    a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : a.document.id < b.document.id ? -1 : 1,
  );
  const plans: ShardPlan<D>[] = [];
  const isLarge = (item: Hashed<D>) => item.document.tokens > options.limitTokens;
  for (const item of hashed.filter(isLarge)) {
    plans.push({ prefix: prefixBits(item.hash, 64), documents: [item.document] });
  }
  splitByPrefix(
    hashed.filter((item) => !isLarge(item)),
    0,
    options.limitTokens,
    plans,
  );
  return plans;
}

type Hashed<D> = { readonly document: D; readonly hash: bigint };

function splitByPrefix<D extends PlannedDocument>(
  items: readonly Hashed<D>[],
  depth: number,
  limit: number,
  plans: ShardPlan<D>[],
): void {
  if (items.length === 0) return;
  const tokens = items.reduce((sum, item) => sum + item.document.tokens, 0);
  if (tokens <= limit || depth === 64) {
    plans.push({ prefix: prefixBits(items[0].hash, depth), documents: items.map((item) => item.document) });
    return;
  }
  const bit = 1n << BigInt(63 - depth);
  const middle = items.findIndex((item) => (item.hash & bit) !== 0n);
  const cut = middle < 0 ? items.length : middle;
  splitByPrefix(items.slice(0, cut), depth + 1, limit, plans);
  splitByPrefix(items.slice(cut), depth + 1, limit, plans);
}
