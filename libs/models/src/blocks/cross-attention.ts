// Attention of a decoder's blocks over what an encoder made: keys and values a block, computed once a text.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { EncoderInputs, ForwardInputs } from '../language-model.ts';

const keysName = (block: number) => `cross.${block}.keys`;
const valuesName = (block: number) => `cross.${block}.values`;

/** Keys and values [B, S, H, D] of all blocks by name. */
export function describeCross(
  blocks: number,
  of: (block: number, part: 'keys' | 'values') => Value,
): Record<string, Value> {
  const pairs = Array.from({ length: blocks }, (_, i) => [
    [keysName(i), of(i, 'keys')] as const,
    [valuesName(i), of(i, 'values')] as const,
  ]);
  return Object.fromEntries(pairs.flat());
}

export interface CrossOptions {
  /** [B, T, H, D] */
  readonly q: Value;
  readonly block: number;
  /** Default 1 / √D. */
  readonly scale?: number;
  readonly dropout?: number;
}

/** @param encode adds the encoder, where the inputs hold its tokens and not what it made of them */
export function createCrossAttention(
  b: Builder,
  { encoder, encoded, segments, counter }: ForwardInputs,
  encode: (inputs: EncoderInputs) => Readonly<Record<string, Value>>,
) {
  const own = encoder && { state: encode(encoder), segments: encoder.segments };
  const { state, segments: others } = encoded ?? own ?? missing();
  return {
    /** y [B, T, H · D] */
    attend({ q, block, scale, dropout = 0 }: CrossOptions): Value {
      const [batch, length, heads, size] = q.shape;
      const { y } = o.attention(b, q, state[keysName(block)], state[valuesName(block)], {
        scale,
        segments: others && [segments ?? o.constant(b, 0, [batch, length], 'i32'), others],
        dropout: counter && { rate: dropout, counter },
      });
      return o.reshape(b, y, [batch, length, heads * size]);
    },
  };
}

function missing(): never {
  throw new TypeError('an encoder-decoder needs what its encoder reads');
}
