// Which document goes into which shard: extendible hashing over a seeded hash of the id. A shard is the shortest
// prefix of that hash whose tokens fit the limit, so growth splits one shard and the plan is a pure function of the
// set. Nothing here knows a file or a token.

import { hash as digest } from 'node:crypto';

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
  return digest('sha256', `${seed}\n${id}`, 'buffer').readBigUInt64BE(0);
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
  const ordered = {
    hashes: BigUint64Array.from(hashed, ({ hash }) => hash),
    tokens: Uint32Array.from(hashed, ({ document }) => document.tokens),
  };
  return planOrdered(ordered, options.limitTokens).map(({ prefix, places }) => ({
    prefix,
    documents: Array.from(places, (place) => hashed[place].document),
  }));
}

/** Documents of one (split, source) in the order of (hash, id): 12 bytes each, for millions of them. */
export interface OrderedDocuments {
  readonly hashes: BigUint64Array;
  /** With end-of-text. */
  readonly tokens: Uint32Array;
}

/** As `planShards`. `places` are positions in the order given. */
export function planOrdered(
  { hashes, tokens }: OrderedDocuments,
  limitTokens: number,
): { readonly prefix: string; readonly places: Uint32Array }[] {
  const all = Uint32Array.from(hashes, (_, place) => place);
  const plans: { prefix: string; places: Uint32Array }[] = [
    ...all.filter((place) => tokens[place] > limitTokens),
  ].map((place) => ({
    prefix: prefixBits(hashes[place], 64),
    places: Uint32Array.of(place),
  }));
  const split = (places: Uint32Array, depth: number): void => {
    if (places.length === 0) return;
    let total = 0;
    for (const place of places) total += tokens[place];
    if (total <= limitTokens || depth === 64) {
      plans.push({ prefix: prefixBits(hashes[places[0]], depth), places });
      return;
    }
    const cut = firstWithBit(hashes, places, 1n << BigInt(63 - depth));
    split(places.subarray(0, cut), depth + 1);
    split(places.subarray(cut), depth + 1);
  };
  split(
    all.filter((place) => tokens[place] <= limitTokens),
    0,
  );
  return plans;
}

/** The hashes of `places` ascend and agree in all bits before this one. */
function firstWithBit(hashes: BigUint64Array, places: Uint32Array, bit: bigint): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hashes[places[middle]] & bit) !== 0n) high = middle;
    else low = middle + 1;
  }
  return low;
}
