// Causal self-attention of a decoder's blocks, over a cache of keys and values where one is given. What a block mixes
// (projections, rotations, norms of heads) is its own affair; what was seen before, documents that are kept apart, and
// dropout are the same for all and stand here.

import { operations as o, type Builder, type Type, type Value } from '@gristmill/tensor';
import type { ForwardInputs } from '../language-model.ts';

export interface AttendOptions {
  /** [B, T, H, D] */
  readonly q: Value;
  /** [B, T, Hkv, D] each; Hkv divides H. */
  readonly k: Value;
  readonly v: Value;
  /** Number of the block. */
  readonly block: number;
  /** Default 1 / √D. */
  readonly scale?: number;
  /** A key is seen at a distance below this; 0: at any. */
  readonly window?: number;
  /** ALiBi's, one a head. */
  readonly slopes?: readonly number[];
  /** [H or 1, Tq, Tk], added to the scores; Tk is the cache's length where there is one. */
  readonly bias?: Value;
  /** Dropout of the weights, in training. */
  readonly dropout?: number;
}

export interface SelfAttention {
  /** y [B, T, H · D] */
  attend(options: AttendOptions): Value;
  /** The cache with the keys and values of all blocks so far; undefined where none was given. */
  readonly filled: Record<string, Value> | undefined;
}

const keysName = (block: number) => `h.${block}.keys`;
const valuesName = (block: number) => `h.${block}.values`;

export function createSelfAttention(b: Builder, inputs: ForwardInputs): SelfAttention {
  const { cache, counter, segments, prefix } = inputs;
  const corner = cache && cornerOf(b, cache.start);
  const filled: Record<string, Value> | undefined = cache && {};
  /** What is kept of the block with these tokens in it; without a cache these alone. */
  const keep = (name: string, x: Value): Value => {
    if (!cache || !corner || !filled) return x;
    return (filled[name] = o.dynamicUpdateSlice(b, cache.state[name], x, corner));
  };
  return {
    filled,
    attend({ q, k, v, block, scale, window, bias, slopes, dropout = 0 }) {
      const [batch, length, heads, size] = q.shape;
      const { y } = o.attention(b, q, keep(keysName(block), k), keep(valuesName(block), v), {
        causal: true,
        scale,
        window,
        slopes,
        bias,
        dropout: counter && { rate: dropout, counter },
        queryOffset: cache?.start,
        segments: segments && [segments, segments],
        prefix,
      });
      return o.reshape(b, y, [batch, length, heads * size]);
    },
  };
}

/** Where these tokens go in a block's cache: i32 [4]. */
function cornerOf(b: Builder, start: Value): Value {
  const zero = o.constant(b, 0, [1], 'i32');
  return o.concat(b, [zero, o.reshape(b, start, [1]), zero, zero], 0);
}

/** [B, T, heads · D] → [B, T, heads, D] */
export function splitHeads(b: Builder, x: Value, heads: number): Value {
  const [batch, length, width] = x.shape;
  return o.reshape(b, x, [batch, length, heads, width / heads]);
}

export interface CacheShape {
  readonly blocks: number;
  /** Heads of keys and values, and their width. */
  readonly heads: number;
  readonly size: number;
}

/** Keys and values of `length` positions of `batch` sequences, for every block. */
export function describeCache(
  { blocks, heads, size }: CacheShape,
  batch: number,
  length: number,
): Record<string, Type> {
  const type: Type = { shape: [batch, length, heads, size], dtype: 'f32' };
  const names = Array.from({ length: blocks }, (_, i) => [keysName(i), valuesName(i)]).flat();
  return Object.fromEntries(names.map((name) => [name, type]));
}
