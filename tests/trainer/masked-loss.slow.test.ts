// Loss, norm and weights are PyTorch's when the micro-batches of a step have masks of very unequal sizes: the loss is
// the sum over the targets of all micro-batches over their number.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { createModel, initialise, writeModel, type ModelConfig } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const config: ModelConfig = {
  modelType: 'gpt2',
  vocabSize: 61,
  nPositions: 16,
  nLayer: 2,
  nHead: 2,
  nEmbd: 16,
  dropout: 0,
  layerNormEpsilon: 1e-5,
  initializerRange: 0.2,
  eosTokenId: 0,
};
const [microBatches, rows, length, steps] = [3, 2, 16, 4];
const learningRate = 1e-2;

const train = `
import json, sys, torch
from transformers import GPT2LMHeadModel
given = json.load(sys.stdin)
model = GPT2LMHeadModel.from_pretrained(sys.argv[1], attn_implementation='eager').train()
matrices = [p for p in model.parameters() if p.dim() >= 2]
vectors = [p for p in model.parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW([{'params': matrices, 'weight_decay': 0.1}, {'params': vectors, 'weight_decay': 0.0}],
                              lr=given['learningRate'], betas=(0.9, 0.95), eps=1e-8)
losses, norms = [], []
for step in given['steps']:
    targets = torch.tensor(step['targets'])
    count = (targets >= 0).sum()
    total = 0.0
    optimizer.zero_grad()
    for tokens, wanted in zip(torch.tensor(step['tokens']), targets):
        logits = model(tokens).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=-1, reduction='sum') / count
        loss.backward()
        total += loss.item()
    norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
    optimizer.step()
    losses.append(total)
weights = {name: p.flatten().tolist() for name, p in model.transformer.named_parameters()}
print(json.dumps({'losses': losses, 'norms': norms, 'weights': weights}))
`;

test.skipIf(!python)(`losses, norms and weights under unequal masks are PyTorch's${why}`, async () => {
  const model = createModel(config);
  const directory = mkdtempSync(join(tmpdir(), 'gristmill-masks-'));
  const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 5)]));
  await writeModel(directory, { model }, weights);
  const random = createRandom(8);
  const all = Array.from({ length: steps }, () => {
    const size = microBatches * rows * length;
    const tokens = Int32Array.from({ length: size }, () => Math.floor(random() * 61));
    // Of the first micro-batch nearly nothing counts, of the last one nearly everything.
    const targets = Int32Array.from({ length: size }, (_, i) =>
      random() < [0.05, 0.5, 0.97][Math.floor(i / (rows * length))] ? Math.floor(random() * 61) : -1,
    );
    return { tokens, targets };
  });
  const nest = (flat: Int32Array) =>
    Array.from({ length: microBatches }, (_, m) =>
      Array.from({ length: rows }, (__, r) => [
        ...flat.subarray((m * rows + r) * length, (m * rows + r + 1) * length),
      ]),
    );
  const given = {
    learningRate,
    steps: all.map(({ tokens, targets }) => ({ tokens: nest(tokens), targets: nest(targets) })),
  };
  const theirs = JSON.parse(runPython(python!, train, [directory], JSON.stringify(given))) as {
    losses: number[];
    norms: number[];
    weights: Record<string, number[]>;
  };

  const { settings } = resolveSettings({
    microBatchSize: rows,
    gradAccumSteps: microBatches,
    sequenceLength: length,
  });
  const executor = openCpuExecutor();
  const values = model.parameters().map(({ name, shape }) => ({ name, shape, data: weights.get(name)! }));
  const step = await createTrainingStep({
    executor,
    model,
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: 1,
    clip: 1,
    values,
  });
  for (const [i, samples] of all.entries()) {
    const result = await step.run({ step: i + 1, updates: i, learningRate, samples });
    expect(result!.loss).toBeCloseTo(theirs.losses[i], 4);
    expect(result!.gradNorm).toBeCloseTo(theirs.norms[i], 3);
  }
  for (const [name, expected] of Object.entries(theirs.weights)) {
    const got = await step.read(name);
    // A gradient that is zero but for rounding (the keys' bias) moves by the sign of that rounding: Adam's known trait.
    const worst = expected.map((value, i) => Math.abs(value - got[i])).sort((a, b) => a - b);
    const share = name.endsWith('c_attn.bias') ? 0.6 : 1;
    expect(worst[Math.floor(worst.length * share) - 1], name).toBeLessThan(2e-3);
  }
  await executor.close();
});
