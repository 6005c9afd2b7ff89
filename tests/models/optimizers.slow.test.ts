// Each optimiser beside the one of its name in PyTorch or transformers, over the same ten updates in double precision.
import { expect, test } from 'vitest';
import {
  createAdafactor,
  createAdam,
  createAdamW,
  createMuon,
  createSgd,
  type Optimizer,
} from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';
import { gradients, rates, runOptimizer, specs, start } from './optimizer-run.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';

const program = `
import json, sys, torch
from transformers.optimization import Adafactor
given = json.loads(sys.stdin.read())
torch.set_default_dtype(torch.float64)
results = []
rms = lambda x: x.square().mean().sqrt()
for make in given['cases']:
    ps = {s['name']: torch.nn.Parameter(torch.tensor(given['start'][s['name']]).reshape(s['shape'])) for s in given['specs']}
    table, matrix, vector = ps['table'], ps['matrix'], ps['vector']
    optimizers = eval(make)
    for gradients, rate in zip(given['gradients'], given['rates']):
        for name, p in ps.items():
            p.grad = torch.tensor(gradients[name], dtype=torch.float64).reshape(p.shape)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                if group['lr'] is not None:
                    sizes = [max(1e-3, rms(p.detach()).item()) for p in group['params']]
                    group['lr'] = rate * group.get('factor', 1) * (sizes[0] if group.get('scaled') else 1)
            optimizer.step()
    results.append({name: p.flatten().tolist() for name, p in ps.items()})
print(json.dumps(results))
`;

const decay = { weightDecay: 0.1 };
const moments = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8 };
const groups = "[{'params': [table, matrix]}, {'params': [vector], 'weight_decay': 0}]";
const adafactor = { decayRate: 0.8, updateClip: 1, beta1: 0, scaleByRms: true, weightDecay: 0 };
const theirs = 'Adafactor([table, matrix, vector], lr=1, relative_step=False';

/** Ours, and the same in Python. */
const cases: Readonly<Record<string, readonly [Optimizer, string]>> = {
  'SGD without momentum': [
    createSgd({ momentum: 0, ...decay }),
    `[torch.optim.SGD(${groups}, lr=1, weight_decay=0.1)]`,
  ],
  'SGD with momentum': [
    createSgd({ momentum: 0.9, ...decay }),
    `[torch.optim.SGD(${groups}, lr=1, momentum=0.9, weight_decay=0.1)]`,
  ],
  "SGD with Nesterov's momentum": [
    createSgd({ momentum: 0.9, nesterov: true, ...decay }),
    `[torch.optim.SGD(${groups}, lr=1, momentum=0.9, nesterov=True, weight_decay=0.1)]`,
  ],
  'Adam with its decay in the gradient': [
    createAdam({ ...moments, ...decay }),
    `[torch.optim.Adam(${groups}, lr=1, betas=(0.9, 0.95), weight_decay=0.1)]`,
  ],
  AdamW: [
    createAdamW({ ...moments, ...decay }),
    `[torch.optim.AdamW(${groups}, lr=1, betas=(0.9, 0.95), weight_decay=0.1)]`,
  ],
  'AdamW that does not decay tables': [
    createAdamW({ ...moments, ...decay, decayEmbeddings: false }),
    `[torch.optim.AdamW([{'params': [table, vector], 'weight_decay': 0}, {'params': [matrix]}], lr=1, betas=(0.9, 0.95), weight_decay=0.1)]`,
  ],
  'AdamW relative to the size of each tensor': [
    createAdamW({ ...moments, weightDecay: 0, scaleByRms: true }),
    `[torch.optim.AdamW([{'params': [p], 'scaled': True} for p in (table, matrix, vector)], lr=1, betas=(0.9, 0.95), weight_decay=0)]`,
  ],
  'Adafactor relative to the size of each tensor': [
    createAdafactor(adafactor),
    `[${theirs}, scale_parameter=True)]`,
  ],
  'Adafactor with momentum and decay': [
    createAdafactor({ ...adafactor, beta1: 0.9, scaleByRms: false, updateClip: 0.5, ...decay }),
    // The vector is alone, since ours does not decay it.
    `[Adafactor([table, matrix], lr=1, relative_step=False, scale_parameter=False, beta1=0.9, clip_threshold=0.5, weight_decay=0.1),
      Adafactor([vector], lr=1, relative_step=False, scale_parameter=False, beta1=0.9, clip_threshold=0.5)]`,
  ],
};

test.skipIf(!python)(`ten updates end where PyTorch's and transformers' optimisers end${why}`, async () => {
  const given = { specs, start, gradients, rates, cases: Object.values(cases).map(([, make]) => make) };
  const expected = JSON.parse(runPython(python!, program, [], JSON.stringify(given))) as Record<
    string,
    number[]
  >[];
  for (const [i, [name, [optimizer]]] of Object.entries(cases).entries()) {
    const got = await runOptimizer(optimizer);
    for (const { name: of } of specs) {
      const moved = expected[i][of].some((value, at) => Math.abs(value - start[of][at]) > 1e-3);
      expect(moved, `${name} moves ${of}`).toBe(true);
      got[of].forEach((value, at) => {
        const [want, size] = [expected[i][of][at], Math.abs(expected[i][of][at])];
        expect(Math.abs(value - want) / Math.max(size, 1e-2), `${name}: ${of}`).toBeLessThan(1e-6);
      });
    }
  }
});

test.skipIf(!python)(`Muon steps where torch.optim.Muon does, which computes in bfloat16${why}`, async () => {
  // PyTorch scales [out, in] by √max(1, out / in); ours lie [in, out], so its matrix is the transpose.
  const torch = `
import json, sys, torch
given = json.loads(sys.stdin.read())
matrix = torch.nn.Parameter(torch.tensor(given['start']['matrix']).reshape(4, 6).T.contiguous())
optimizer = torch.optim.Muon([matrix], lr=1, momentum=0.95, nesterov=True, weight_decay=0.1)
for gradients, rate in zip(given['gradients'], given['rates']):
    matrix.grad = torch.tensor(gradients['matrix']).reshape(4, 6).T.contiguous()
    optimizer.param_groups[0]['lr'] = rate
    optimizer.step()
print(json.dumps(matrix.T.flatten().tolist()))
`;
  const expected = JSON.parse(
    runPython(python!, torch, [], JSON.stringify({ start, gradients, rates })),
  ) as number[];
  const rest = { ...moments, weightDecay: 0.1 };
  const got = await runOptimizer(createMuon({ momentum: 0.95, weightDecay: 0.1, rateFactor: 1, rest }));
  const moved = Math.max(...expected.map((value, i) => Math.abs(value - start.matrix[i])));
  expect(moved).toBeGreaterThan(0.02);
  got.matrix.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(0.03 * moved));
});
