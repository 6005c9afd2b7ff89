// The layers of models: norms, activations, projections, heads with their losses, rotary positions.
import { operations as o } from '@gristmill/tensor';
import type { Case } from './cases.ts';
import { counterOf, integers } from './integers.ts';

const losses: Case[] = [0, 2].flatMap((chunk) => {
  const name = `crossEntropy${chunk ? ' in chunks' : ''}`;
  const targets = [0, 5, -1, 2, 6];
  const inputs = [{ shape: [5, 4] }, { shape: [6, 4] }];
  return [
    {
      name,
      inputs,
      build: (b, [hidden, table]) => o.crossEntropy(b, hidden, table, integers(b, targets), { chunk }),
    },
    {
      name: `${name} with a bias`,
      inputs: [...inputs, { shape: [6] }],
      build: (b, [hidden, table, bias]) =>
        o.crossEntropy(b, hidden, table, integers(b, targets), { chunk, bias }),
    },
    {
      name: `${name} with a bias and smoothed labels`,
      inputs: [...inputs, { shape: [6] }],
      build: (b, [hidden, table, bias]) =>
        o.crossEntropy(b, hidden, table, integers(b, targets), { chunk, bias, smoothing: 0.2 }),
    },
    {
      name: `${name} with smoothed labels`,
      inputs,
      build: (b, [hidden, table]) =>
        o.crossEntropy(b, hidden, table, integers(b, targets), { chunk, smoothing: 0.1 }),
    },
    {
      name: `${name} of capped logits`,
      inputs,
      build: (b, [hidden, table]) =>
        o.crossEntropy(b, hidden, table, integers(b, targets), { chunk, softcap: 1.5 }),
    },
  ] satisfies Case[];
});

/** x [2, 3, 2, D] turned by angles a [3, R/2] or [2, 3, R/2] that are no parameters. */
const turned = (size: number, angles: readonly number[], interleaved: boolean): Case => ({
  name: `rotary${interleaved ? ' of neighbours' : ''} over ${2 * angles[angles.length - 1]} of ${size}`,
  inputs: [{ shape: [2, 3, 2, size] }],
  build: (b, [x]) => {
    const count = angles.reduce((product, length) => product * length, 1);
    const angle = o.reshape(b, o.convert(b, o.iota(b, [count], 0), 'f32'), angles);
    return o.rotary(b, x, { cos: o.cos(b, angle), sin: o.sin(b, angle), interleaved });
  },
});

export const cases: readonly Case[] = [
  ...[true, false].map((approximate): Case => ({
    name: `gelu ${approximate ? 'by tanh' : 'by erf'}`,
    inputs: [{ shape: [3, 4], from: -3, to: 3 }],
    build: (b, [x]) => o.gelu(b, x, { approximate }),
  })),
  { name: 'relu', inputs: [{ shape: [3, 4], from: -3, to: 3 }], build: (b, [x]) => o.relu(b, x) },
  {
    name: 'squaredRelu',
    inputs: [{ shape: [3, 4], from: -4, to: 4 }],
    build: (b, [x]) => o.squaredRelu(b, x),
  },
  { name: 'silu', inputs: [{ shape: [3, 4], from: -4, to: 4 }], build: (b, [x]) => o.silu(b, x) },
  {
    name: 'swiglu',
    inputs: [{ shape: [3, 4], from: -4, to: 4 }, { shape: [3, 4] }],
    build: (b, [gate, up]) => o.swiglu(b, gate, up),
  },
  { name: 'softcap', inputs: [{ shape: [3, 4], from: -9, to: 9 }], build: (b, [x]) => o.softcap(b, x, 5) },
  { name: 'softmax', inputs: [{ shape: [2, 3, 4] }], build: (b, [x]) => o.softmax(b, x) },
  ...[true, false].map((transposed): Case => ({
    name: `linear${transposed ? ' with [out, in]' : ''}`,
    inputs: [{ shape: [2, 3, 4] }, { shape: transposed ? [5, 4] : [4, 5] }, { shape: [5] }],
    build: (b, [x, weight, bias]) => o.linear(b, x, weight, { bias, transposed }),
  })),
  {
    name: 'linear without a bias',
    inputs: [{ shape: [2, 4] }, { shape: [4, 5] }],
    build: (b, [x, weight]) => o.linear(b, x, weight),
  },
  {
    name: 'layerNorm',
    inputs: [{ shape: [3, 5] }, { shape: [5] }, { shape: [5] }],
    build: (b, [x, scale, shift]) => o.layerNorm(b, x, scale, shift, 1e-5),
  },
  {
    name: 'rmsNorm',
    inputs: [{ shape: [3, 5] }, { shape: [5] }],
    build: (b, [x, scale]) => o.rmsNorm(b, x, scale, 1e-6),
  },
  ...losses,
  turned(4, [3, 2], false),
  turned(4, [2, 3, 2], true),
  turned(6, [3, 2], false),
  turned(6, [2, 3, 1], true),
  {
    name: 'dropout',
    inputs: [{ shape: [4, 5] }],
    build: (b, [x]) => o.dropout(b, x, { rate: 0.4, counter: counterOf(b) }),
  },
  { name: 'sumSquares', inputs: [{ shape: [3, 4] }], build: (b, [x]) => o.sumSquares(b, x) },
];
