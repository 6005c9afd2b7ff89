// Parity with an independent implementation: PyTorch's scaled_dot_product_attention with an explicit mask, forwards and
// backwards, in double precision. Dropout there draws other bits, so that case multiplies our mask into plain softmax.
import { expect, test } from 'vitest';
import {
  createBuilder,
  differentiate,
  fillPhilox,
  interpret,
  operations as o,
  sizeOf,
} from '@gristmill/tensor';
import { findPython, runPython } from '../python/python.ts';
import { addAttention, attentionCases, shapesOf, type AttentionCase } from './attention-cases.ts';
import { counter } from './integers.ts';
import { byName, drawInputs, relativeError } from './cases.ts';

const python = findPython(['torch']);
const why = python ? '' : ' (skipped: no Python with torch)';

const program = `
import json, sys, torch
import torch.nn.functional as F
def tensor(x): return torch.tensor(x, dtype=torch.float64)
def attend(case):
    inputs = [tensor(x).reshape(shape).requires_grad_() for x, shape in zip(case['values'], case['shapes'])]
    q, k, v = (x.transpose(1, 2) for x in inputs[:3])
    b, h, tq, d = q.shape
    tk = k.shape[2]
    offset = torch.tensor(case['offset'] or [0]).reshape(-1, 1, 1, 1)
    at = torch.arange(tq).reshape(1, 1, tq, 1) + offset
    key = torch.arange(tk).reshape(1, 1, 1, tk)
    seen = torch.ones(b, 1, tq, tk, dtype=torch.bool)
    prefix = torch.tensor(case['prefix'] or [0]).reshape(-1, 1, 1, 1)
    if case['causal']: seen = seen & ((key <= at) | (key < prefix))
    if case['window']: seen = seen & (at - key < case['window'])
    if case['window'] and not case['causal']: seen = seen & (key - at < case['window'])
    if case['segments']:
        own, other = (torch.tensor(x).reshape(b, -1) for x in case['segments'])
        seen = seen & (own[:, None, :, None] == other[:, None, None, :])
    zero = torch.zeros(b, h, tq, tk, dtype=torch.float64)
    if case['slopes']: zero = zero + tensor(case['slopes']).reshape(1, h, 1, 1) * (key - at)
    mask = (zero + (inputs[3] if len(inputs) > 3 else 0)).masked_fill(~seen, float('-inf'))
    if case['keep']:
        keep = tensor(case['keep']).reshape(b, h, tq, tk) / (1 - case['dropout'])
        scores = q @ k.repeat_interleave(h // k.shape[1], 1).transpose(2, 3) * case['scale'] + mask
        y = (torch.softmax(scores, -1) * keep) @ v.repeat_interleave(h // v.shape[1], 1)
    else:
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=case['scale'], enable_gqa=h != k.shape[1])
    blind = ~seen.any(-1, keepdim=True)
    y = torch.where(blind, 0.0, y).transpose(1, 2)
    weight = torch.sin(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    (y * weight).sum().backward()
    return {'y': y.flatten().tolist(),
                  'gradients': [torch.nan_to_num(x.grad, nan=0.0).flatten().tolist() for x in inputs]}
print(json.dumps([attend(case) for case in json.load(sys.stdin)]))
`;

/** 1 where a weight is kept. */
function keptOf({ batch, heads, queries, keys, dropout }: AttentionCase): number[] | undefined {
  if (dropout === undefined) return undefined;
  const bits = new Uint32Array(batch * heads * queries * keys);
  fillPhilox(bits, counter, 0);
  return [...bits].map((value) => (value < Math.floor(dropout * 2 ** 32) ? 0 : 1));
}

function buildProgram(one: AttentionCase) {
  const b = createBuilder();
  const inputs = shapesOf(one).map((shape, i) => b.input(`x${i}`, shape));
  const { y } = addAttention(b, one, inputs);
  const weights = o.sin(b, o.convert(b, o.iota(b, [sizeOf(y.shape)], 0), 'f32'));
  const loss = o.sumAll(b, o.multiply(b, y, o.reshape(b, weights, y.shape)));
  const gradients = differentiate(b, loss, inputs);
  return b.finish({ y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) });
}

const valuesOf = (one: AttentionCase) => drawInputs({ inputs: shapesOf(one).map((shape) => ({ shape })) }, 9);

/** A case as the Python program reads it. */
const describe = (one: AttentionCase) => ({
  values: valuesOf(one),
  shapes: shapesOf(one),
  causal: one.causal ?? false,
  window: one.window ?? 0,
  scale: one.scale ?? 1 / Math.sqrt(one.size),
  prefix: one.prefix ?? null,
  slopes: one.slopes ?? null,
  offset: one.offset ?? null,
  segments: one.segments ?? null,
  keep: keptOf(one) ?? null,
  dropout: one.dropout ?? 0,
});

test.skipIf(!python)(`PyTorch computes attention in all its forms and its gradients to 1e-12${why}`, () => {
  // What a row that sees nothing passes back is NaN there; here it is 0 (attention.test.ts).
  const compared = attentionCases.filter(({ name }) => !name.includes('sees nothing'));
  const answer = runPython(python as string, program, [], JSON.stringify(compared.map(describe)));
  const expected = JSON.parse(answer) as { y: number[]; gradients: number[][] }[];
  compared.forEach((one, i) => {
    const got = interpret(buildProgram(one), byName(valuesOf(one)));
    expect(relativeError(got.y, expected[i].y), one.name).toBeLessThan(1e-12);
    expected[i].gradients.forEach((gradient, of) =>
      expect(relativeError(got[`g${of}`], gradient), `${one.name}, input ${of}`).toBeLessThan(1e-12),
    );
  });
  expect(expected).toHaveLength(19);
});
