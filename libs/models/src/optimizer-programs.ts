// The optimiser's programs, one set a parameter, so that threads share them: the mean of the micro-batches' gradients
// and its sum of squares; the global norm and with it the clipping factor; the update by AdamW or Muon.

import { createBuilder, operations as o, type Builder, type Program, type Value } from '@gristmill/tensor';
import type { ParameterSpec } from './architecture.ts';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Acts on tensors of two dimensions and more only. */
  readonly weightDecay: number;
}

/** Inputs g0 … g(n−1). Outputs gradient (their mean, in the buffer of g0) and square (Σ gradient²). */
export function buildReduceProgram(shape: readonly number[], microBatches: number): Program {
  const b = createBuilder();
  const parts = Array.from({ length: microBatches }, (_, i) => b.input(`g${i}`, shape));
  const total = parts.reduce((sum, part) => o.add(b, sum, part));
  const gradient = microBatches === 1 ? total : o.multiply(b, total, 1 / microBatches);
  return b.finish({ gradient, square: b.apply('sumSquares', [gradient]) });
}

/**
 * Inputs square0 … and settings f32[4] [learningRate, 1 − β1^t, 1 − β2^t, clip] (clip ≤ 0: none).
 * Outputs norm and scalars f32[4], as AdamW takes them: the last is the factor by which gradients are scaled.
 */
export function buildClipProgram(tensors: number): Program {
  const b = createBuilder();
  const settings = b.input('settings', [4]);
  const squares = Array.from({ length: tensors }, (_, i) => o.reshape(b, b.input(`square${i}`, []), [1]));
  const norm = o.sqrt(b, o.sum(b, o.concat(b, squares, 0), [0])); // [1]
  const clip = o.slice(b, settings, [3], [4]);
  const factor = o.minimum(b, o.divide(b, clip, o.add(b, norm, 1e-6)), 1);
  const scale = o.select(b, o.less(b, 0, clip), factor, 1);
  return b.finish({
    norm: o.reshape(b, norm, []),
    scalars: o.concat(b, [o.slice(b, settings, [0], [3]), scale], 0),
  });
}

/** Inputs parameter, gradient, m, v, scalars. Outputs parameter, m, v, each in its own buffer. */
export function buildAdamWProgram({ shape }: ParameterSpec, options: AdamWOptions): Program {
  const b = createBuilder();
  const [parameter, gradient, m, v] = ['parameter', 'gradient', 'm', 'v'].map((name) => b.input(name, shape));
  const weightDecay = shape.length >= 2 ? options.weightDecay : 0;
  const { beta1, beta2, epsilon } = options;
  const updated = b.applyAll('adamw', [parameter, gradient, m, v, b.input('scalars', [4])], {
    beta1,
    beta2,
    epsilon,
    weightDecay,
  });
  return b.finish({ parameter: updated[0], m: updated[1], v: updated[2] });
}

export interface MuonOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  /** Learning rate of a matrix relative to the scheduled one. */
  readonly rateFactor: number;
}

// Coefficients of the quintic Newton-Schulz iteration (Jordan et al. 2024): steep at 0, so five steps suffice.
const [alpha, beta, gamma] = [3.4445, -4.775, 2.0315];
const iterations = 5;

/**
 * Muon (Jordan et al. 2024): the momentum's nearest semi-orthogonal matrix, scaled by √(max(1, out / in)).
 * A packed projection [C, 3C] is taken as three matrices. Inputs and outputs as AdamW's, without v.
 */
export function buildMuonProgram({ shape, name }: ParameterSpec, options: MuonOptions): Program {
  const b = createBuilder();
  const [parameter, gradient, m] = ['parameter', 'gradient', 'm'].map((input) => b.input(input, shape));
  const scalars = b.input('scalars', [4]);
  const rate = o.multiply(b, o.slice(b, scalars, [0], [1]), options.rateFactor);
  const scaled = o.multiply(b, gradient, o.reshape(b, o.slice(b, scalars, [3], [4]), []));
  const newM = o.add(b, o.multiply(b, m, options.momentum), scaled);
  const nesterov = o.add(b, scaled, o.multiply(b, newM, options.momentum));
  const parts = name.endsWith('c_attn.weight') ? 3 : 1;
  const width = shape[1] / parts;
  const directions = Array.from({ length: parts }, (_, i) => {
    const part = parts === 1 ? nesterov : o.slice(b, nesterov, [0, i * width], [shape[0], (i + 1) * width]);
    return o.multiply(b, orthogonalise(b, part), Math.sqrt(Math.max(1, width / shape[0])));
  });
  const direction = parts === 1 ? directions[0] : o.concat(b, directions, 1);
  const kept = o.subtract(
    b,
    parameter,
    o.multiply(b, parameter, scalarOf(b, o.multiply(b, rate, options.weightDecay))),
  );
  return b.finish({ parameter: o.subtract(b, kept, o.multiply(b, direction, scalarOf(b, rate))), m: newM });
}

const scalarOf = (b: Builder, x: Value) => o.reshape(b, x, []);

function orthogonalise(b: Builder, matrix: Value): Value {
  const tall = matrix.shape[0] > matrix.shape[1];
  const norm = o.sqrt(b, b.apply('sumSquares', [matrix]));
  let x = o.divide(b, matrix, o.add(b, norm, 1e-7));
  for (let i = 0; i < iterations; i++) {
    const square = tall ? o.matmul(b, x, x, { transposeA: true }) : o.matmul(b, x, x, { transposeB: true });
    const polynomial = o.add(
      b,
      o.multiply(b, square, beta),
      o.multiply(b, o.matmul(b, square, square), gamma),
    );
    const product = tall ? o.matmul(b, x, polynomial) : o.matmul(b, polynomial, x);
    x = o.add(b, o.multiply(b, x, alpha), product);
  }
  return x;
}
