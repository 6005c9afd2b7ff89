// What is written greedily with our cache is what transformers writes with its own, from the same weights.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createModel, initialise, writeModel } from '@gristmill/models';
import { generateTokens, loadModel } from '@gristmill/trainer';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';

const write = `
import json, sys, torch
from transformers import GPT2LMHeadModel
model = GPT2LMHeadModel.from_pretrained(sys.argv[1]).eval()
prompt = torch.tensor([json.loads(sys.argv[2])])
out = model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False, use_cache=True,
                     max_new_tokens=60, min_new_tokens=60, pad_token_id=0)
print(json.dumps(out[0, prompt.shape[1]:].tolist()))
`;

test.skipIf(!python)(`transformers writes the tokens that we write${why}`, async () => {
  const model = createModel({
    modelType: 'gpt2',
    vocabSize: 301,
    nPositions: 96,
    nLayer: 3,
    nHead: 4,
    nEmbd: 48,
    dropout: 0.1,
    layerNormEpsilon: 1e-5,
    initializerRange: 0.2, // large enough that the likeliest token is clearly so
    eosTokenId: 300,
  });
  const directory = mkdtempSync(join(tmpdir(), 'gristmill-decoding-'));
  const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 11)]));
  weights.get('wte.weight')!.fill(0, 300 * 48); // so that the text does not end
  await writeModel(directory, { model }, weights);
  const prompt = Array.from({ length: 21 }, (_, i) => (i * i * 7 + 3) % 300);
  const theirs = JSON.parse(runPython(python!, write, [directory, JSON.stringify(prompt)])) as number[];
  const loaded = await loadModel(directory, { name: 'cpu', threads: 2 });
  const ours: number[] = [];
  const greedy = { temperature: 0, topK: 0, topP: 1, seed: 0, maxTokens: 60 };
  for await (const token of generateTokens(loaded, prompt, greedy)) ours.push(token);
  await loaded.close();
  expect(new Set(ours).size).toBeGreaterThan(3);
  expect(ours).toEqual(theirs);
});
