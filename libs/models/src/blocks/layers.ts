// Layers by the names of their parameters, so that a block reads as its paper has it.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ForwardInputs } from '../language-model.ts';

export interface LayerOptions {
  /** Of the norms. */
  readonly epsilon: number;
  /** Weights are [out, in]. */
  readonly outFirst?: boolean;
}

export interface Layers {
  /** x W + b, b where there is one. */
  linear(x: Value, name: string): Value;
  layerNorm(x: Value, name: string): Value;
  rmsNorm(x: Value, name: string): Value;
  /** In training alone. */
  drop(x: Value, rate: number): Value;
}

export function createLayers(
  b: Builder,
  { parameters: p, counter }: Pick<ForwardInputs, 'parameters' | 'counter'>,
  { epsilon, outFirst: transposed = false }: LayerOptions,
): Layers {
  return {
    linear: (x, name) => o.linear(b, x, p[`${name}.weight`], { bias: p[`${name}.bias`], transposed }),
    layerNorm: (x, name) => o.layerNorm(b, x, p[`${name}.weight`], p[`${name}.bias`], epsilon),
    rmsNorm: (x, name) => o.rmsNorm(b, x, p[`${name}.weight`], epsilon),
    drop: (x, rate) => (counter ? o.dropout(b, x, { rate, counter }) : x),
  };
}
