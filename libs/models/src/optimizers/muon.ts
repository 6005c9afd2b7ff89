// Muon (Jordan et al. 2024) for matrices: the momentum's nearest semi-orthogonal matrix, scaled by √(max(1, out / in)).
// Tables and vectors go to AdamW.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ParameterSpec } from '../language-model.ts';
import { createAdamW, type AdamWOptions } from './adamw.ts';
import type { Optimizer, UpdateInputs, Updated } from './optimizer.ts';

export interface MuonOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  /** Learning rate of a matrix relative to the scheduled one. */
  readonly rateFactor: number;
  /** For everything that is no matrix. */
  readonly rest: AdamWOptions;
}

// Coefficients of the quintic Newton-Schulz iteration: steep at 0, so five steps suffice.
const [alpha, beta, gamma] = [3.4445, -4.775, 2.0315];
const iterations = 5;

export function createMuon(options: MuonOptions): Optimizer {
  const rest = createAdamW(options.rest);
  return {
    state: (spec) => (spec.role === 'matrix' ? { m: spec.shape } : rest.state(spec)),
    scalars: (step) => rest.scalars(step),
    update: (b, inputs) =>
      inputs.spec.role === 'matrix' ? updateMatrix(b, inputs, options) : rest.update(b, inputs),
  };
}

function updateMatrix(b: Builder, inputs: UpdateInputs, options: MuonOptions): Updated {
  const { spec, parameter, gradient, state, scalars } = inputs;
  const rate = o.multiply(b, scalars.learningRate, options.rateFactor);
  const scaled = o.multiply(b, gradient, scalars.scale);
  const momentum = o.add(b, o.multiply(b, state.m, options.momentum), scaled);
  const nesterov = o.add(b, scaled, o.multiply(b, momentum, options.momentum));
  const direction = findDirection(b, nesterov, spec);
  const decayed = o.multiply(b, parameter, o.multiply(b, rate, options.weightDecay));
  const kept = o.subtract(b, parameter, decayed);
  return { parameter: o.subtract(b, kept, o.multiply(b, direction, rate)), state: { m: momentum } };
}

/** Matrices that lie side by side are taken one by one. */
function findDirection(b: Builder, matrix: Value, { shape, split = 1 }: ParameterSpec): Value {
  const width = shape[1] / split;
  const directions = Array.from({ length: split }, (_, i) => {
    const part = split === 1 ? matrix : o.slice(b, matrix, [0, i * width], [shape[0], (i + 1) * width]);
    return o.multiply(b, orthogonalise(b, part), Math.sqrt(Math.max(1, width / shape[0])));
  });
  return split === 1 ? directions[0] : o.concat(b, directions, 1);
}

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
