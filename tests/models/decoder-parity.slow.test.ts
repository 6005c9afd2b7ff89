// Parity with an independent implementation: models that transformers saves, in any precision and in parts, have the same
// logits, log-likelihoods and gradients here; written again they are the same to transformers, bit by bit.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDiskStore } from '@gristmill/storage';
import {
  buildAccumulateProgram,
  buildEvaluateProgram,
  buildLogitsProgram,
  createModel,
  readModel,
  readModelConfig,
  readTensors,
  writeModel,
  type LanguageModel,
} from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';
import { runOnCpu } from './run-on-cpu.ts';
import { smallDecoders, type SmallDecoder } from './small-decoders.ts';

const python = findPython(['torch', 'transformers', 'safetensors']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const program = readFileSync(new URL('./decoder-parity.py', import.meta.url), 'utf8');

interface ParityCase extends SmallDecoder {
  readonly dtype?: 'bfloat16' | 'float16';
  readonly shardSize?: string;
  /** Tokens that are taken. */
  readonly length?: number;
}

const long = {
  vocab_size: 61,
  n_positions: 2048,
  n_embd: 16,
  n_layer: 2,
  n_head: 2,
  initializer_range: 0.25,
};
const neo = { vocab_size: 61, max_position_embeddings: 512, hidden_size: 24, num_layers: 4, num_heads: 2 };
const still = { resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 };
const all: Readonly<Record<string, ParityCase>> = {
  ...smallDecoders,
  'GPT-2 of 11 positions': { ...smallDecoders['GPT-2 of 11 positions'], length: 12 },
  'GPT-3 at 2,048 positions': { modelType: 'gpt2', json: { ...long, ...still }, length: 2049 },
  "GPT-3's pattern as GPT-Neo": {
    modelType: 'gpt_neo',
    json: { ...neo, window_size: 64, attention_types: [[['global', 'local'], 2]] },
    length: 300,
  },
  'LLaMA in bf16': { ...smallDecoders.LLaMA, dtype: 'bfloat16' },
  'LLaMA in f16, in parts': { ...smallDecoders.LLaMA, dtype: 'float16', shardSize: '10KB' },
  'BLOOM in parts': { ...smallDecoders.BLOOM, shardSize: '10KB' },
};
const names = Object.keys(all).filter((name) => !all[name].isOurs);
const cases = names.map((name) => ({ length: 24, ...all[name] }));
const tokens = Array.from({ length: 2049 }, (_, i) => (i * i * 7 + i + 3) % 37);
const given = JSON.stringify({ tokens, cases });

interface Computed {
  readonly logits: number[];
  readonly losses: number[];
  readonly gradients: Readonly<Record<string, number[]>>;
}

const folder = mkdtempSync(join(tmpdir(), 'gristmill-parity-'));
const made = python ? (JSON.parse(runPython(python, program, [folder, 'make'], given)) as Computed[]) : [];
const directoryOf = (whose: 'ours' | 'theirs', name: string) =>
  join(folder, whose, String(names.indexOf(name)));

const worst = (got: readonly number[], expected: readonly number[]) =>
  expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);

const computeAll = async (
  model: LanguageModel,
  weights: ReadonlyMap<string, Float32Array>,
  taken: number[],
) => {
  const shape = { batch: 1, length: taken.length - 1 };
  const inputs = { ...Object.fromEntries(weights), tokens: taken.slice(0, -1), targets: taken.slice(1) };
  const { logits } = await runOnCpu(buildLogitsProgram(model, shape), inputs);
  const { losses } = await runOnCpu(buildEvaluateProgram(model, shape), inputs);
  const sums = await runOnCpu(buildAccumulateProgram(model, shape).program, {
    ...inputs,
    counter: [0, 1, 0],
  });
  return { logits, losses, sums };
};

describe.skipIf(!python).each(names)(`%s${why}`, (name) => {
  test('has the logits of transformers to 1e-4, its log-likelihood and gradients to 1e-3', async () => {
    const theirs = made[names.indexOf(name)];
    const { model, weights } = await readModel(directoryOf('theirs', name));
    const taken = tokens.slice(0, cases[names.indexOf(name)].length);
    const ours = await computeAll(model, weights, taken);
    expect(worst(ours.logits, theirs.logits)).toBeLessThan(1e-4);
    const [likelihood, expected] = [ours.losses, theirs.losses].map((losses) =>
      losses.reduce((a, b) => a - b, 0),
    );
    expect(Math.abs(likelihood - expected)).toBeLessThan(1e-3);
    const targets = ours.sums.targetCount[0];
    const scale = Math.max(...Object.values(theirs.gradients).flatMap((values) => values.map(Math.abs)));
    for (const { name: parameter } of model.parameters()) {
      const gradient = ours.sums[`sum:${parameter}`].map((sum) => sum / targets);
      const error = worst(gradient, theirs.gradients[model.savedName(parameter)]);
      expect(error / scale, parameter).toBeLessThan(1e-3);
    }
  });

  test('is written as it was read', async () => {
    const { model, weights } = await readModel(directoryOf('theirs', name));
    const directory = directoryOf('ours', name);
    mkdirSync(directory, { recursive: true });
    await writeModel(directory, { model }, weights);
    const store = openDiskStore({ root: directory });
    for await (const { name: saved, data } of readTensors(store, 'model.safetensors'))
      expect(data, saved).toEqual(weights.get(model.rename(saved)!));
  });
});

test.skipIf(!python)(`transformers opens what was written: equal configurations, equal bits${why}`, () => {
  const compared = JSON.parse(runPython(python!, program, [folder, 'compare'], given)) as object[];
  compared.forEach((one, i) => expect(one, names[i]).toEqual({ weights: [], config: {} }));
});

// GPT-Neo does not scale its scores and has no biases of queries, keys and values.
test.skipIf(!python)(`GPT-3's windowed blocks are GPT-Neo's, but for scale and biases${why}`, async () => {
  const name = "GPT-3's pattern as GPT-Neo";
  const { model: neo, weights: given } = await readModel(directoryOf('theirs', name));
  const {
    hidden_size: width,
    num_heads: heads,
    window_size,
    num_layers,
    vocab_size,
  } = neo.toJson() as Record<string, number>;
  const sizes = {
    n_embd: width,
    n_head: heads,
    n_layer: num_layers,
    n_positions: 512,
    vocab_size,
    window_size,
  };
  const model = createModel(readModelConfig({ model_type: 'gpt3', ...sizes, ...still }, name));
  const weights = new Map(
    model
      .parameters()
      .map(({ name: own, shape }) => [own, fromNeo(own, shape, given, Math.sqrt(width / heads))]),
  );
  const taken = tokens.slice(0, 300);
  const { logits } = await computeAll(model, weights, taken);
  expect(worst(logits, made[names.indexOf(name)].logits)).toBeLessThan(1e-4);
});

/** A parameter of GPT-3 from those of GPT-Neo: matrices turned, queries scaled beforehand, biases that it lacks zero. */
function fromNeo(
  name: string,
  shape: readonly number[],
  given: ReadonlyMap<string, Float32Array>,
  scale: number,
): Float32Array {
  const own = name.replace('attn.c_proj', 'attn.attention.out_proj');
  const whole = given.get(own);
  if (whole && (shape.length === 1 || /^w[tp]e/.test(own))) return whole;
  if (name.endsWith('c_attn.bias')) return new Float32Array(shape[0]);
  if (whole) return transpose([whole], shape);
  const parts = ['q', 'k', 'v'].map((kind) => given.get(own.replace('c_attn', `attention.${kind}_proj`))!);
  return transpose([parts[0].map((value) => value * scale), parts[1], parts[2]], shape);
}

/** Matrices [out, in], one below the other, as one [in, out]. */
function transpose(parts: readonly Float32Array[], [rows, columns]: readonly number[]): Float32Array {
  const all = parts.flatMap((part) => [...part]);
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => all[(i % columns) * rows + Math.floor(i / columns)],
  );
}
