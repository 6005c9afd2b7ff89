// Sines and cosines of positions (Vaswani et al. 2017, section 3.5), all sines first as in Marian.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ForwardInputs } from '../language-model.ts';
import { positionsOf } from './positions.ts';

/** [positions, width], row-major. */
export function sinusoids(positions: number, width: number): number[] {
  const half = width / 2;
  return Array.from({ length: positions * width }, (_, i) => {
    const [at, column] = [Math.floor(i / width), i % width];
    const angle = at / 10000 ** ((2 * (column % half)) / width);
    return column < half ? Math.sin(angle) : Math.cos(angle);
  });
}

export interface SinusoidOptions extends Pick<ForwardInputs, 'tokens' | 'positions' | 'cache'> {
  /** Longest sequence. */
  readonly nPositions: number;
}

/** x [B, T, C] with its positions added. */
export function addSinusoids(b: Builder, x: Value, { nPositions, ...at }: SinusoidOptions): Value {
  const [, length, width] = x.shape;
  const rows = at.positions || at.cache ? nPositions : length;
  const all = o.reshape(b, o.literal(b, sinusoids(rows, width)), [rows, width]);
  if (!at.positions && !at.cache) return o.add(b, x, all);
  return o.add(b, x, o.gather(b, all, positionsOf(b, at as ForwardInputs)));
}
