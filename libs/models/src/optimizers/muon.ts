// Muon (Jordan et al. 2024) for matrices: the momentum's nearest semi-orthogonal matrix, scaled by √(max(1, out / in)).
// Tables and vectors go to AdamW. The orthogonal matrix is found by five steps of Newton and Schulz, or by the Polar
// Express (Amsel et al. 2025), whose polynomials differ from step to step and come nearer.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ParameterSpec } from '../language-model.ts';
import { createAdamW, type AdamWOptions } from './adamw.ts';
import type { Optimizer, UpdateInputs, Updated } from './optimizer.ts';

export type MuonIteration = 'newton-schulz' | 'polar-express';

export interface MuonOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly iteration?: MuonIteration;
  /** Learning rate of a matrix relative to the scheduled one. */
  readonly rateFactor: number;
  /** For everything that is no matrix. */
  readonly rest: AdamWOptions;
}

type Quintic = readonly [linear: number, cubic: number, quintic: number];

interface Iteration {
  /** The matrix is divided by its norm times this, so that no singular value is above 1 even when rounded. */
  readonly margin: number;
  /** Of x, x³ and x⁵ in each step. */
  readonly steps: readonly Quintic[];
}

const iterations: Readonly<Record<MuonIteration, Iteration>> = {
  // Steep at 0, so five steps suffice: singular values from .003 on end between .68 and 1.21.
  'newton-schulz': { margin: 1, steps: Array<Quintic>(5).fill([3.4445, -4.775, 2.0315]) },
  // Singular values from .001 on end between .85 and 1.15.
  'polar-express': {
    margin: 1.02,
    steps: [
      [8.156554524902461, -22.48329292557795, 15.878769915207462],
      [4.042929935166739, -2.808917465908714, 0.5000178451051316],
      [3.8916678022926607, -2.772484153217685, 0.5060648178503393],
      [3.285753657755655, -2.3681294933425376, 0.46449024233003106],
      [2.3465413258596377, -1.7097828382687081, 0.42323551169305323],
    ],
  },
};

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
  const direction = findDirection(b, nesterov, spec, iterations[options.iteration ?? 'newton-schulz']);
  const decayed = o.multiply(b, parameter, o.multiply(b, rate, options.weightDecay));
  const kept = o.subtract(b, parameter, decayed);
  return { parameter: o.subtract(b, kept, o.multiply(b, direction, rate)), state: { m: momentum } };
}

/** Matrices that lie side by side are taken one by one. */
function findDirection(
  b: Builder,
  matrix: Value,
  { shape, split = 1, outFirst = false }: ParameterSpec,
  iteration: Iteration,
): Value {
  const width = shape[1] / split;
  const growth = outFirst ? shape[0] / width : width / shape[0]; // out / in
  const directions = Array.from({ length: split }, (_, i) => {
    const part = split === 1 ? matrix : o.slice(b, matrix, [0, i * width], [shape[0], (i + 1) * width]);
    return o.multiply(b, orthogonalise(b, part, iteration), Math.sqrt(Math.max(1, growth)));
  });
  return split === 1 ? directions[0] : o.concat(b, directions, 1);
}

function orthogonalise(b: Builder, matrix: Value, { margin, steps }: Iteration): Value {
  const tall = matrix.shape[0] > matrix.shape[1];
  const norm = o.sqrt(b, b.apply('sumSquares', [matrix]));
  let x = o.divide(b, matrix, o.add(b, margin === 1 ? norm : o.multiply(b, norm, margin), 1e-7));
  for (const [alpha, beta, gamma] of steps) {
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
