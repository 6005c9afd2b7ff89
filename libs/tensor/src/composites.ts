// Composites: operations with a name of their own that decompose into primitives. An executor may run one by a
// native kernel; one that has no such kernel expands it (lower.ts). The decomposition is the definition.

import { attention, attentionBackward } from './composites/attention.ts';
import { adamw } from './composites/adamw.ts';
import { crossEntropy, crossEntropyBackward } from './composites/cross-entropy.ts';
import { dropout } from './composites/dropout.ts';
import { gelu, geluBackward } from './composites/gelu.ts';
import { layerNorm, layerNormBackward } from './composites/layer-norm.ts';
import { linear } from './composites/linear.ts';
import { relu, reluBackward } from './composites/relu.ts';
import { rmsNorm, rmsNormBackward } from './composites/rms-norm.ts';
import { rotary } from './composites/rotary.ts';
import { silu, swiglu, swigluBackward } from './composites/silu.ts';
import { softmax } from './composites/softmax.ts';
import { squaredRelu, squaredReluBackward } from './composites/squared-relu.ts';
import { split } from './composites/split.ts';
import { sumSquares } from './composites/sum-squares.ts';
import type { Composite } from './definition.ts';

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
  relu,
  reluBackward,
  rmsNorm,
  rmsNormBackward,
  rotary,
  silu,
  softmax,
  split,
  squaredRelu,
  squaredReluBackward,
  sumSquares,
  swiglu,
  swigluBackward,
};

export function findComposite(name: string): Composite | undefined {
  return Object.hasOwn(composites, name) ? composites[name] : undefined;
}
