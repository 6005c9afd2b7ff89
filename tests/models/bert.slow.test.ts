// BERT and RoBERTa against Hugging Face transformers: hidden logits, both losses, all gradients; what it saves is read
// and written again bit by bit, old names and bare models as well.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
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
  type BatchShape,
  type ModelConfig,
} from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';
import { runOnCpu } from './run-on-cpu.ts';

const python = findPython(['torch', 'transformers', 'safetensors']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const [batch, length] = [3, 20];
const config: ModelConfig = {
  modelType: 'bert',
  vocabSize: 61,
  nPositions: 24,
  nLayer: 3,
  nHead: 4,
  nEmbd: 32,
  dropout: 0,
  layerNormEpsilon: 1e-12,
  initializerRange: 0.2,
  eosTokenId: 4,
  maskTokenId: 5,
};

const measure = `
import json, sys, torch
import transformers
given = json.load(sys.stdin)
cls = getattr(transformers, given['class'])
model = cls.from_pretrained(sys.argv[1], attn_implementation='eager').eval()
t = lambda name: torch.tensor(given[name]) if name in given else None
extra = {'next_sentence_label': t('next')} if 'next' in given else {}
if 'types' in given: extra['token_type_ids'] = t('types')
out = model(t('tokens'), attention_mask=t('mask'), labels=t('labels'), **extra)
out.loss.backward()
logits = out.prediction_logits if 'next' in given else out.logits
keep = lambda name: not name.endswith('position_ids')
print(json.dumps({'loss': out.loss.item(), 'logits': logits.detach().flatten().tolist(),
  'gradients': {n: p.grad.flatten().tolist() for n, p in model.named_parameters() if keep(n)}}))
`;

const used = [20, 13, 17];
const at = (i: number) => [Math.floor(i / length), i % length] as const;
const tokens = Int32Array.from({ length: batch * length }, (_, i) => {
  const [row, column] = at(i);
  return column < used[row] ? 6 + ((i * i * 7 + 3) % 55) : 0;
});
const targets = tokens.map((token, i) => (token > 0 && i % 4 === 1 ? (token * 3) % 61 : -1));
const segments = tokens.map((token) => (token > 0 ? 0 : -1));
const tokenTypes = tokens.map((token, i) => (token > 0 && at(i)[1] > 8 ? 1 : 0));
const nest = (flat: Int32Array) =>
  Array.from({ length: batch }, (_, row) => [...flat.subarray(row * length, (row + 1) * length)]);
const hidden = targets.filter((target) => target >= 0).length;
const perToken = { shape: [length], dtype: 'i32' } as const;
const asked = {
  segments: perToken,
  tokenTypes: perToken,
  nextSentence: { shape: [], dtype: 'i32' },
  nextSentenceWeight: { shape: [], dtype: 'f32' },
} as const;

async function compare(model: ReturnType<typeof createModel>, weights: ReadonlyMap<string, Float32Array>) {
  const directory = mkdtempSync(join(tmpdir(), 'gristmill-bert-'));
  await writeModel(directory, { model }, weights);
  const isPair = model.judgesSentences === true;
  const given = {
    class: (model.toJson().architectures as string[])[0],
    tokens: nest(tokens),
    mask: nest(segments.map((segment) => (segment === 0 ? 1 : 0))),
    labels: nest(targets.map((target) => (target < 0 ? -100 : target))),
    ...(isPair ? { types: nest(tokenTypes), next: [0, 1, 1] } : {}),
  };
  const theirs = JSON.parse(runPython(python!, measure, [directory], JSON.stringify(given))) as {
    loss: number;
    logits: number[];
    gradients: Record<string, number[]>;
  };
  const shape: BatchShape = { batch, length, further: isPair ? asked : { segments: perToken } };
  const all = {
    ...Object.fromEntries(weights),
    ...{ tokens, targets, segments, tokenTypes, counter: [0, 1, 0] },
    nextSentence: [0, 1, 1],
    nextSentenceWeight: [hidden / 3, hidden / 3, hidden / 3],
  };
  const got = await runOnCpu(buildAccumulateProgram(model, shape).program, all);
  expect(got.targetCount[0]).toBe(hidden);
  expect(got.lossSum[0] / hidden).toBeCloseTo(theirs.loss, 4);
  for (const { name } of model.parameters()) {
    const expected = theirs.gradients[model.savedName(name)];
    const scale = Math.max(...expected.map(Math.abs), 1e-3);
    const error = Math.max(...expected.map((value, i) => Math.abs(value - got[`sum:${name}`][i] / hidden)));
    expect(error / scale, name).toBeLessThan(1e-3);
  }
  const { logits } = await runOnCpu(buildLogitsProgram(model, shape), all);
  const wrong = logits.filter(
    (logit, i) => tokens[Math.floor(i / 61)] > 0 && !(Math.abs(logit - theirs.logits[i]) < 1e-4),
  );
  expect(wrong).toEqual([]);
}

const drawn = (model: ReturnType<typeof createModel>) =>
  new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 3)]));

for (const [name, changes] of [
  ['BERT with both heads', {}],
  ['BERT with a masked head', { heads: 'masked', activation: 'gelu_new', nInner: 50 }],
  ['RoBERTa', { modelType: 'roberta', padTokenId: 0, heads: 'masked' }],
] as const)
  test.skipIf(!python)(`${name} has the logits, losses and gradients of transformers${why}`, async () => {
    const model = createModel({ ...config, ...changes } as ModelConfig);
    await compare(model, drawn(model));
  });

const save = `
import sys, torch, transformers
from safetensors.torch import load_file, save_file
torch.manual_seed(0)
kind, cls = sys.argv[2], getattr(transformers, sys.argv[2])
config = (transformers.RobertaConfig if 'Roberta' in kind else transformers.BertConfig)(
  vocab_size=97, hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=40, max_position_embeddings=32)
model = cls(config)
model.save_pretrained(sys.argv[1])
if sys.argv[3] == 'old':
  path = sys.argv[1] + '/model.safetensors'
  old = {n.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'): t for n, t in load_file(path).items()}
  save_file(old, path, metadata={'format': 'pt'})
`;

const readBack = `
import sys, torch, transformers
from safetensors.torch import load_file
a, b = (load_file(path + '/model.safetensors') for path in sys.argv[1:3])
assert set(a) == set(b) or sys.argv[3] == 'old', set(a) ^ set(b)
name = lambda n: n.replace('LayerNorm.gamma', 'LayerNorm.weight').replace('LayerNorm.beta', 'LayerNorm.bias')
for n in a: assert torch.equal(a[n], b[name(n)]), n
first, second = (transformers.AutoConfig.from_pretrained(path).to_dict() for path in sys.argv[1:3])
ours = {'_name_or_path', 'dtype', 'position_embedding_type', 'transformers_version', 'eos_token_id', 'sep_token_id'}
for key in first:
  if key not in ours: assert first[key] == second[key], (key, first[key], second[key])
print('same')
`;

for (const [kind, form] of [
  ['BertForPreTraining', 'new'],
  ['BertForMaskedLM', 'old'],
  ['BertModel', 'new'],
  ['RobertaForMaskedLM', 'new'],
])
  test.skipIf(!python)(
    `a ${kind} of transformers (${form} names) is written again bit by bit${why}`,
    async () => {
      const [from, to] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'gristmill-bert-')));
      runPython(python!, save, [from, kind, form]);
      const { model, weights } = await readModel(from);
      await writeModel(to, { model }, weights);
      expect(runPython(python!, readBack, [from, to, form]).trim()).toBe('same');
      expect(model.isBare).toBe(kind === 'BertModel');
    },
  );

test.skipIf(!python)(`a file with heads that its class is without is read without them${why}`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gristmill-bert-'));
  runPython(python!, save, [directory, 'BertForPreTraining', 'new']);
  const path = join(directory, 'config.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...json, architectures: ['BertForMaskedLM'] }));
  const { model, weights } = await readModel(directory);
  expect(weights.size).toBe(model.parameters().length);
  expect(weights.has('pooler.dense.weight')).toBe(false);
});
