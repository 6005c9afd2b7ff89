// Parity with an independent implementation: Hugging Face transformers reads what we write and computes the same
// logits and gradients; we read what it writes.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  buildAccumulateProgram,
  buildLogitsProgram,
  createModel,
  initialise,
  readModel,
  writeModel,
  type ModelConfig,
} from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';
import { runOnCpu } from './run-on-cpu.ts';

const python = findPython(['torch', 'transformers', 'safetensors']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const config: ModelConfig = {
  modelType: 'gpt2',
  vocabSize: 301,
  nPositions: 64,
  nLayer: 3,
  nHead: 4,
  nEmbd: 48,
  dropout: 0,
  layerNormEpsilon: 1e-5,
  initializerRange: 0.1, // large enough that attention is far from uniform
  eosTokenId: 0,
};
const tokens = Array.from({ length: 50 }, (_, i) => (i * i * 7 + 3) % config.vocabSize);

const evaluate = `
import json, sys, torch
from transformers import GPT2LMHeadModel
model = GPT2LMHeadModel.from_pretrained(sys.argv[1], attn_implementation='eager').eval()
ids = torch.tensor([json.loads(sys.argv[2])])
out = model(ids[:, :-1])
loss = torch.nn.functional.cross_entropy(out.logits[0], ids[0, 1:])
loss.backward()
named = dict(model.transformer.named_parameters())
print(json.dumps({'logits': out.logits.flatten().tolist(), 'loss': loss.item(),
                  'gradients': {name: p.grad.flatten().tolist() for name, p in named.items()}}))
`;

test.skipIf(!python)(`transformers computes our logits to 1e-4 and our gradients to 1e-4${why}`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gristmill-hf-'));
  const model = createModel(config);
  const specs = model.parameters();
  const weights = new Map(specs.map((spec, i) => [spec.name, initialise(spec, i, 3)]));
  await writeModel(directory, { model }, weights);
  const theirs = JSON.parse(runPython(python!, evaluate, [directory, JSON.stringify(tokens)])) as {
    logits: number[];
    loss: number;
    gradients: Record<string, number[]>;
  };
  const shape = { batch: 1, length: tokens.length - 1 };
  const given = { ...Object.fromEntries(weights), tokens: tokens.slice(0, -1) };
  const { logits } = await runOnCpu(buildLogitsProgram(model, shape), given);
  const worst = Math.max(...logits.map((logit, i) => Math.abs(logit - theirs.logits[i])));
  expect(worst).toBeLessThan(1e-4);
  const results = await runOnCpu(buildAccumulateProgram(model, shape).program, {
    ...given,
    targets: tokens.slice(1),
    counter: [0, 1, 0],
  });
  const targets = results.targetCount[0];
  expect(results.lossSum[0] / targets).toBeCloseTo(theirs.loss, 4);
  for (const { name } of specs) {
    const expected = theirs.gradients[name];
    const scale = Math.max(...expected.map(Math.abs));
    const sums = results[`sum:${name}`];
    const error = Math.max(...expected.map((value, i) => Math.abs(value - sums[i] / targets)));
    expect(error / scale, name).toBeLessThan(1e-4);
  }
});

const create = `
import sys, torch
from transformers import GPT2Config, GPT2LMHeadModel
torch.manual_seed(0)
model = GPT2LMHeadModel(GPT2Config(vocab_size=97, n_positions=32, n_embd=24, n_layer=2, n_head=2))
model.save_pretrained(sys.argv[1], max_shard_size=sys.argv[2])
print(model.transformer.wte.weight[3].tolist()[0])
`;

for (const size of ['1GB', '20KB']) {
  test.skipIf(!python)(`a model that transformers saved in parts of ${size} is read${why}`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gristmill-hf-'));
    const first = Number(runPython(python!, create, [directory, size]));
    const { model, weights } = await readModel(directory);
    expect(model.toJson()).toMatchObject({ n_embd: 24, n_layer: 2, n_head: 2 });
    expect(model).toMatchObject({ vocabSize: 97, maxLength: 32 });
    expect(weights.get('wte.weight')![3 * 24]).toBeCloseTo(first, 6);
  });
}
