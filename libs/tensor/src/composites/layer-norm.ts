// Layer normalisation (Ba, Kiros and Hinton 2016) over the last axis, with the mean and 1/σ of each row kept for
// the backward pass.

import { defineComposite, expect } from '../definition.ts';
import { add, mean, multiply, reshape, rsqrt, subtract, sum } from '../primitive-operations.ts';
import type { Type } from '../program.ts';
import { rows } from './linear.ts';

export type NormAttributes = { readonly epsilon: number };

const perRow = (x: Type): Type => ({ shape: [...x.shape.slice(0, -1), 1], dtype: x.dtype });

/** Inputs x [..., C], scale [C], shift [C]. Outputs y, mean [..., 1], rstd [..., 1]. */
export const layerNorm = defineComposite<NormAttributes>({
  infer: ([x, scale, shift]) => {
    const width = x.shape.at(-1);
    expect(
      scale.shape.length === 1 && scale.shape[0] === width && shift.shape[0] === width,
      'scale does not fit',
    );
    return [x, perRow(x), perRow(x)];
  },
  decompose: (b, [x, scale, shift], { epsilon }) => {
    const last = [x.shape.length - 1];
    const average = mean(b, x, last);
    const centred = subtract(b, x, average);
    const rstd = rsqrt(b, add(b, mean(b, multiply(b, centred, centred), last), epsilon));
    return [add(b, multiply(b, multiply(b, centred, rstd), scale), shift), average, rstd];
  },
  gradient: (b, { inputs: [x, scale], outputs: [, average, rstd] }, [g]) =>
    g ? b.applyAll('layerNormBackward', [g, x, scale, average, rstd]) : [],
});

/** Inputs g, x, scale, mean, rstd; outputs the gradients of x, scale and shift. */
export const layerNormBackward = defineComposite({
  infer: ([, x, scale]) => [x, scale, scale],
  decompose: (b, [g, x, scale, average, rstd]) => {
    const last = [x.shape.length - 1];
    const normal = multiply(b, subtract(b, x, average), rstd);
    const scaled = multiply(b, g, scale);
    const drift = add(
      b,
      mean(b, scaled, last),
      multiply(b, normal, mean(b, multiply(b, scaled, normal), last)),
    );
    const dScale = sum(b, rows(b, multiply(b, g, normal)), [0]);
    return [
      multiply(b, subtract(b, scaled, drift), rstd),
      reshape(b, dScale, scale.shape),
      reshape(b, sum(b, rows(b, g), [0]), scale.shape),
    ];
  },
});
