// Root-mean-square normalisation (Zhang and Sennrich 2019) over the last axis; LLaMA's and T5's norm.

import { defineComposite, expect } from '../definition.ts';
import { add, mean, multiply, reshape, rsqrt, subtract, sum } from '../primitive-operations.ts';
import type { NormAttributes } from './layer-norm.ts';
import { rows } from './linear.ts';

/** Inputs x [..., C], scale [C]. Outputs y and rstd [..., 1]. */
export const rmsNorm = defineComposite<NormAttributes>({
  infer: ([x, scale]) => {
    expect(scale.shape.length === 1 && scale.shape[0] === x.shape.at(-1), 'the scale does not fit');
    return [x, { shape: [...x.shape.slice(0, -1), 1], dtype: x.dtype }];
  },
  decompose: (b, [x, scale], { epsilon }) => {
    const meanSquare = mean(b, multiply(b, x, x), [x.shape.length - 1]);
    const rstd = rsqrt(b, add(b, meanSquare, epsilon));
    return [multiply(b, multiply(b, x, rstd), scale), rstd];
  },
  gradient: (b, { inputs: [x, scale], outputs: [, rstd] }, [g]) =>
    g ? b.applyAll('rmsNormBackward', [g, x, scale, rstd]) : [],
});

/** Inputs g, x, scale and rstd; outputs the gradients of x and scale. */
export const rmsNormBackward = defineComposite({
  infer: ([, x, scale]) => [x, scale],
  decompose: (b, [g, x, scale, rstd]) => {
    const normal = multiply(b, x, rstd);
    const scaled = multiply(b, g, scale);
    const drift = multiply(b, normal, mean(b, multiply(b, scaled, normal), [x.shape.length - 1]));
    const dScale = sum(b, rows(b, multiply(b, g, normal)), [0]);
    return [multiply(b, subtract(b, scaled, drift), rstd), reshape(b, dScale, scale.shape)];
  },
});
