// BERT and RoBERTa against Hugging Face transformers: hidden logits, both losses, all gradients; what it saves is read
// and written again bit by bit, old names and bare models as well.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
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

interface Measured {
  readonly loss: number;
  readonly logits: number[];
  readonly gradients: Record<string, number[]>;
}
interface Compared {
  readonly differ: string[];
  readonly more: string[];
  readonly changed: string[];
}

const script = readFileSync(new URL('bert.py', import.meta.url), 'utf8');
const given = {
  tokens: nest(tokens),
  mask: nest(segments.map((segment) => (segment === 0 ? 1 : 0))),
  labels: nest(targets.map((target) => (target < 0 ? -100 : target))),
  types: nest(tokenTypes),
  next: [0, 1, 1],
};
const run = (actions: unknown[]) =>
  JSON.parse(runPython(python!, script, [], JSON.stringify({ actions, ...given }))) as unknown[];

const folder = () => mkdtempSync(join(tmpdir(), 'gristmill-bert-'));
const cases = {
  'BERT with both heads': {},
  'BERT with a masked head': { heads: 'masked', activation: 'gelu_new', nInner: 50 },
  RoBERTa: { modelType: 'roberta', padTokenId: 0, heads: 'masked' },
} as const;
const models = Object.values(cases).map((changes) => {
  const model = createModel({ ...config, ...changes } as ModelConfig);
  const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 3)]));
  return { model, weights, directory: folder() };
});
const made = [
  ['BertForPreTraining', 'new'],
  ['BertForMaskedLM', 'old'],
  ['BertModel', 'new'],
  ['RobertaForMaskedLM', 'new'],
].map(([kind, form]) => ({
  kind,
  form,
  from: folder(),
  to: folder(),
  isBare: undefined as boolean | undefined,
}));
let measured: Measured[] = [];
let compared: Compared[] = [];

// Python takes long to begin: twice is enough.
beforeAll(async () => {
  if (!python) return;
  for (const { model, weights, directory } of models) await writeModel(directory, { model }, weights);
  const measures = models.map(({ model, directory }) => [
    'measure',
    directory,
    (model.toJson().architectures as string[])[0],
  ]);
  const creations = made.map(({ from, kind, form }) => ['create', from, kind, form]);
  measured = run([...measures, ...creations]).slice(0, models.length) as Measured[];
  for (const one of made) {
    const { model, weights } = await readModel(one.from);
    await writeModel(one.to, { model }, weights);
    one.isBare = model.isBare;
  }
  compared = run(made.map(({ from, to }) => ['compare', from, to])) as Compared[];
});

for (const [number, name] of Object.keys(cases).entries())
  test.skipIf(!python)(`${name} has the logits, losses and gradients of transformers${why}`, async () => {
    const { model, weights } = models[number];
    const theirs = measured[number];
    const shape: BatchShape = {
      batch,
      length,
      further: model.judgesSentences ? asked : { segments: perToken },
    };
    const all = {
      ...Object.fromEntries(weights),
      ...{ tokens, targets, segments, tokenTypes, counter: [0, 1, 0] },
      nextSentence: [0, 1, 1],
      nextSentenceWeight: [hidden / 3, hidden / 3, hidden / 3],
    };
    const got = await runOnCpu(buildAccumulateProgram(model, shape).program, all);
    expect(got.targetCount[0]).toBe(hidden);
    expect(got.lossSum[0] / hidden).toBeCloseTo(theirs.loss, 4);
    for (const { name: parameter } of model.parameters()) {
      const expected = theirs.gradients[model.savedName(parameter)];
      const sums = got[`sum:${parameter}`];
      const scale = Math.max(...expected.map(Math.abs), 1e-3);
      const error = Math.max(...expected.map((value, i) => Math.abs(value - sums[i] / hidden)));
      expect(error / scale, parameter).toBeLessThan(1e-3);
    }
    const { logits } = await runOnCpu(buildLogitsProgram(model, shape), all);
    const wrong = logits.filter(
      (logit, i) => tokens[Math.floor(i / 61)] > 0 && !(Math.abs(logit - theirs.logits[i]) < 1e-4),
    );
    expect(wrong).toEqual([]);
  });

for (const [number, { kind, form }] of made.entries())
  test.skipIf(!python)(`a ${kind} of transformers (${form} names) is written again bit by bit${why}`, () => {
    const { differ, more, changed } = compared[number];
    expect([differ, more]).toEqual([[], []]);
    expect(changed.filter((key) => key !== 'eos_token_id')).toEqual([]); // BERT's class has none
    expect(made[number].isBare).toBe(kind === 'BertModel');
  });

test.skipIf(!python)(`a file with heads that its class is without is read without them${why}`, async () => {
  const [{ from }] = made;
  const path = join(from, 'config.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...json, architectures: ['BertForMaskedLM'] }));
  const { model, weights } = await readModel(from);
  expect(weights.size).toBe(model.parameters().length);
  expect(weights.has('pooler.dense.weight')).toBe(false);
});
