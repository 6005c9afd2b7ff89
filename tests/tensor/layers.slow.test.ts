// Parity of layers, losses and their gradients with PyTorch, and of rotary positions with transformers' LLaMA and GPT-J,
// in double precision.
import { expect, test } from 'vitest';
import {
  createBuilder,
  differentiate,
  interpret,
  operations as o,
  sizeOf,
  type Builder,
  type Value,
} from '@gristmill/tensor';
import { findPython, runPython } from '../python/python.ts';
import { byName, drawInputs, relativeError } from './cases.ts';
import { integers } from './integers.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const targets = [0, 5, -1, 2, 6, 3];

interface Layer {
  readonly shapes: readonly (readonly number[])[];
  build(b: Builder, inputs: readonly Value[]): Value;
  /** The same in Python, of inputs x[0], x[1] … */
  readonly python: string;
}

/** x [2, 5, 3, 8] turned; position p turns pair i by p · 10000^(−i/4). */
function turn(b: Builder, x: Value, interleaved: boolean): Value {
  const half = x.shape[3] / 2;
  const pair = o.multiply(b, o.convert(b, o.iota(b, [half], 0), 'f32'), -Math.log(10000) / half);
  const position = o.convert(b, o.iota(b, [x.shape[1], 1], 0), 'f32');
  const angle = o.multiply(b, position, o.exp(b, pair)); // [T, D/2]
  return o.rotary(b, x, { cos: o.cos(b, angle), sin: o.sin(b, angle), interleaved });
}

const crossEntropy = (chunk: number, smoothing: number): Layer => ({
  shapes: [[6, 4], [7, 4], [7]],
  build: (b, [hidden, table, bias]) =>
    o.sumAll(b, o.crossEntropy(b, hidden, table, integers(b, targets), { bias, chunk, smoothing })),
  python: `F.cross_entropy(x[0] @ x[1].T + x[2], torch.tensor([${targets}]), ignore_index=-1, label_smoothing=${smoothing}, reduction='sum')`,
});

const layers: Readonly<Record<string, Layer>> = {
  'gelu by tanh': {
    shapes: [[3, 4]],
    build: (b, [x]) => o.gelu(b, x, { approximate: true }),
    python: "F.gelu(x[0], approximate='tanh')",
  },
  'gelu by erf': {
    shapes: [[3, 4]],
    build: (b, [x]) => o.gelu(b, x, { approximate: false }),
    python: 'F.gelu(x[0])',
  },
  silu: { shapes: [[3, 4]], build: (b, [x]) => o.silu(b, x), python: 'F.silu(x[0])' },
  swiglu: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    build: (b, [gate, up]) => o.swiglu(b, gate, up),
    python: 'F.silu(x[0]) * x[1]',
  },
  softmax: { shapes: [[3, 4]], build: (b, [x]) => o.softmax(b, x), python: 'F.softmax(x[0], -1)' },
  'layer norm': {
    shapes: [[3, 4, 8], [8], [8]],
    build: (b, [x, scale, shift]) => o.layerNorm(b, x, scale, shift, 1e-5),
    python: 'F.layer_norm(x[0], [8], x[1], x[2], 1e-5)',
  },
  'root-mean-square norm': {
    shapes: [[3, 4, 8], [8]],
    build: (b, [x, scale]) => o.rmsNorm(b, x, scale, 1e-6),
    python: 'F.rms_norm(x[0], [8], x[1], 1e-6)',
  },
  linear: {
    shapes: [[2, 3, 4], [5, 4], [5]],
    build: (b, [x, weight, bias]) => o.linear(b, x, weight, { bias, transposed: true }),
    python: 'F.linear(x[0], x[1], x[2])',
  },
  'cross-entropy': crossEntropy(0, 0),
  'cross-entropy with smoothed labels, in chunks': crossEntropy(4, 0.1),
  'rotary positions of halves': {
    shapes: [[2, 5, 3, 8]],
    build: (b, [x]) => turn(b, x, false),
    python: 'llama(x[0])',
  },
  'rotary positions of neighbours': {
    shapes: [[2, 5, 3, 8]],
    build: (b, [x]) => turn(b, x, true),
    python: 'gptj(x[0])',
  },
};

const program = `
import json, sys, torch
import torch.nn.functional as F
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb as turn_halves
from transformers.models.gptj.modeling_gptj import apply_rotary_pos_emb as turn_neighbours
angle = torch.arange(5, dtype=torch.float64)[:, None] * 10000.0 ** (-torch.arange(4, dtype=torch.float64) / 4)
def llama(x):
    wide = torch.cat([angle, angle], -1)[None]
    return turn_halves(x, x, wide.cos(), wide.sin(), unsqueeze_dim=2)[0]
def gptj(x): return turn_neighbours(x, angle.sin()[None], angle.cos()[None])
results = []
for layer in json.load(sys.stdin):
    x = [torch.tensor(v, dtype=torch.float64).reshape(s).requires_grad_() for v, s in zip(layer['values'], layer['shapes'])]
    y = eval(layer['python'])
    weight = torch.sin(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    (y * weight).sum().backward() if y.numel() > 1 else y.backward()
    results.append({'y': y.flatten().tolist(), 'gradients': [one.grad.flatten().tolist() for one in x]})
print(json.dumps(results))
`;

const valuesOf = ({ shapes }: Layer) => drawInputs({ inputs: shapes.map((shape) => ({ shape })) }, 4);

function run(layer: Layer) {
  const b = createBuilder();
  const inputs = layer.shapes.map((shape, i) => b.input(`x${i}`, shape));
  const y = layer.build(b, inputs);
  const size = sizeOf(y.shape);
  const weights = size > 1 ? o.sin(b, o.convert(b, o.iota(b, [size], 0), 'f32')) : o.constant(b, 1, [1]);
  const loss = o.sumAll(b, o.multiply(b, o.reshape(b, y, [size]), weights));
  const gradients = differentiate(b, loss, inputs);
  const outputs = { y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) };
  return interpret(b.finish(outputs), byName(valuesOf(layer)));
}

test.skipIf(!python)(`PyTorch computes layers, losses and their gradients to 1e-12${why}`, () => {
  const given = Object.values(layers).map((layer) => ({
    values: valuesOf(layer),
    shapes: layer.shapes,
    python: layer.python,
  }));
  const answer = runPython(python as string, program, [], JSON.stringify(given));
  const expected = JSON.parse(answer) as { y: number[]; gradients: number[][] }[];
  Object.entries(layers).forEach(([name, layer], i) => {
    const got = run(layer);
    expect(relativeError(got.y, expected[i].y), name).toBeLessThan(1e-12);
    expected[i].gradients.forEach((gradient, of) =>
      expect(relativeError(got[`g${of}`], gradient), `${name}, input ${of}`).toBeLessThan(1e-12),
    );
  });
});
