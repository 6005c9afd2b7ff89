// Composites: operations with a name of their own that decompose into primitives. An executor may run one by a
// native kernel; one that has no such kernel expands it (lower.ts). The decomposition is the definition.

import type { Builder } from './builder.ts';
import { attention, attentionBackward } from './composites/attention.ts';
import { adamw } from './composites/adamw.ts';
import { crossEntropy, crossEntropyBackward } from './composites/cross-entropy.ts';
import { dropout } from './composites/dropout.ts';
import { gelu, geluBackward } from './composites/gelu.ts';
import { layerNorm, layerNormBackward } from './composites/layer-norm.ts';
import { linear } from './composites/linear.ts';
import { rmsNorm } from './composites/rms-norm.ts';
import { split } from './composites/split.ts';
import { sumSquares } from './composites/sum-squares.ts';
import type { Attributes, Operation, Type, Value } from './program.ts';

export interface Composite {
  infer(inputs: readonly Type[], attributes: Attributes): readonly Type[];
  /** Adds primitives (or other composites) that compute the outputs. */
  decompose(b: Builder, inputs: readonly Value[], attributes: Attributes): readonly Value[];
  /** Gradients of the inputs (at least the `wanted` ones); absent for what is never differentiated (optimisers, backward passes). */
  gradient?(
    b: Builder,
    operation: Operation,
    outputGradients: readonly (Value | undefined)[],
    wanted: readonly boolean[],
  ): readonly (Value | undefined)[];
}

export const composites: Readonly<Record<string, Composite>> = {
  adamw,
  attention,
  attentionBackward,
  crossEntropy,
  crossEntropyBackward,
  dropout,
  gelu,
  geluBackward,
  layerNorm,
  layerNormBackward,
  linear,
  rmsNorm,
  split,
  sumSquares,
};
