// Where the tokens of a forward pass stand, and vectors that were learned for positions.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ForwardInputs } from '../language-model.ts';

/** i32 [B, T] where positions are given, else [T]: from 0 on, or from the cache's start. */
export function positionsOf(b: Builder, { tokens, positions, cache }: ForwardInputs): Value {
  if (positions) return positions;
  const own = o.iota(b, [tokens.shape[1]], 0);
  return cache ? o.add(b, own, cache.start) : own;
}

/** Rows of a table [positions, C]: [B, T, C] where positions are given, else [T, C]. */
export function embedPositions(b: Builder, table: Value, inputs: ForwardInputs): Value {
  if (inputs.positions || inputs.cache) return o.gather(b, table, positionsOf(b, inputs));
  return o.slice(b, table, [0, 0], [inputs.tokens.shape[1], table.shape[1]]);
}
