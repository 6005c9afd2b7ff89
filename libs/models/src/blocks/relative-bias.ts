// T5's relative positions (Raffel et al. 2020, section 2.1): a bias a head and bucket of the distance from a query to a
// key, added to the scores. Near distances have buckets of their own, the others share them in powers up to a longest.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';

export interface BucketOptions {
  readonly buckets: number;
  readonly maxDistance: number;
  /** Keys after the query have the second half of the buckets; else all of them count as distance 0. */
  readonly bidirectional: boolean;
}

/**
 * The bucket of a key's position minus a query's.
 * @example bucketOf(-3, { buckets: 32, maxDistance: 128, bidirectional: true }) // 3
 */
export function bucketOf(offset: number, { buckets, maxDistance, bidirectional }: BucketOptions): number {
  const count = bidirectional ? buckets / 2 : buckets;
  const first = bidirectional && offset > 0 ? count : 0;
  const distance = bidirectional ? Math.abs(offset) : Math.max(0, -offset);
  const exact = count / 2;
  if (distance < exact) return first + distance;
  // In single precision, as the published models were trained: borders are where a logarithm is rounded.
  const ratio = Math.fround(Math.log(Math.fround(distance / exact)));
  const share = Math.fround(
    Math.fround(ratio / Math.fround(Math.log(maxDistance / exact))) * (count - exact),
  );
  return first + Math.min(count - 1, exact + Math.trunc(share));
}

export interface RelativeBiasOptions extends BucketOptions {
  readonly queries: number;
  readonly keys: number;
  /** i32 []: position of the first query; 0 without. */
  readonly start?: Value;
}

/** table f32 [buckets, H] → f32 [H, Tq, Tk] */
export function relativeBias(b: Builder, table: Value, options: RelativeBiasOptions): Value {
  const { queries, keys, start } = options;
  const farthest = Math.max(queries, keys) - 1;
  const byOffset = Array.from({ length: 2 * farthest + 1 }, (_, i) => bucketOf(i - farthest, options));
  const buckets = o.reshape(b, o.convert(b, o.literal(b, byOffset), 'i32'), [byOffset.length, 1]);
  const own = o.iota(b, [queries, 1], 0);
  const at = start ? o.add(b, own, o.reshape(b, start, [1, 1])) : own;
  const offsets = o.add(b, o.subtract(b, o.iota(b, [1, keys], 1), at), farthest); // [Tq, Tk]
  const which = o.reshape(b, o.gather(b, buckets, offsets), [queries, keys]);
  return o.transpose(b, o.gather(b, table, which), [2, 0, 1]);
}
