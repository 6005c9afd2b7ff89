// Parity with an independent implementation: what transformers' LLaVA computes of images and texts, from random weights that
// it saves; written again they are the same to it, bit by bit.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  buildAccumulateProgram,
  buildEvaluateProgram,
  buildLogitsProgram,
  readModel,
  writeModel,
} from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';
import { runOnCpu } from './run-on-cpu.ts';

const python = findPython(['torch', 'transformers', 'safetensors']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const program = readFileSync(new URL('./llava-parity.py', import.meta.url), 'utf8');

interface LlavaCase {
  readonly text: object;
  readonly vision: { readonly image_size: number } & Readonly<Record<string, unknown>>;
  readonly json: object;
  readonly shardSize?: string;
  /** Tokens of the image. */
  readonly seen: number;
  /** Tokens before it, in each row. */
  readonly before: readonly number[];
}

const imageToken = 60;
const tokens = { vocab_size: 61, bos_token_id: 1, eos_token_id: 2, pad_token_id: null };
const text = {
  ...{ model_type: 'llama', ...tokens, hidden_size: 24, num_hidden_layers: 2, max_position_embeddings: 64 },
  ...{ num_attention_heads: 4, num_key_value_heads: 2, intermediate_size: 40, initializer_range: 0.25 },
};
const vision = {
  ...{ image_size: 16, patch_size: 4, hidden_size: 20, intermediate_size: 36, initializer_range: 0.25 },
  ...{ num_hidden_layers: 3, num_attention_heads: 2, projection_dim: 20 },
};
const json = { image_token_index: imageToken };
const all: Readonly<Record<string, LlavaCase>> = {
  'the image first': { text, vision, json, seen: 16, before: [0, 0] },
  'in the midst of texts': { text, vision, json, seen: 16, before: [3, 7] },
  'the last block, with the whole': {
    ...{ text: { ...text, tie_word_embeddings: true }, vision: { ...vision, hidden_act: 'gelu' } },
    json: { ...json, vision_feature_layer: -1, vision_feature_select_strategy: 'full' },
    ...{ seen: 17, before: [1, 0], shardSize: '10KB' },
  },
  'patches that leave a border, Qwen 2': {
    text: { ...text, model_type: 'qwen2' },
    vision: { ...vision, image_size: 14, hidden_act: 'gelu_new' },
    json: {
      ...{ ...json, vision_feature_layer: 1, multimodal_projector_bias: false },
      projector_hidden_act: 'quick_gelu',
    },
    ...{ seen: 9, before: [2, 2] },
  },
};
const names = Object.keys(all);
const length = 30;

const cases = names.map((name, number) => {
  const { seen, before, ...rest } = all[name];
  const random = createRandom(number);
  const rows = before.map((first) =>
    Array.from({ length: length + 1 }, (_, i) =>
      i >= first && i < first + seen ? imageToken : Math.floor(random() * imageToken),
    ),
  );
  const pixels = Array.from(
    { length: before.length * 3 * rest.vision.image_size ** 2 },
    () => random() * 4 - 2,
  );
  return { ...rest, tokens: rows, pixels };
});

interface Computed {
  readonly logits: number[];
  readonly losses: number[];
  readonly gradients: Readonly<Record<string, number[]>>;
}

const folder = mkdtempSync(join(tmpdir(), 'gristmill-llava-'));
const given = JSON.stringify(cases);
const made = python ? (JSON.parse(runPython(python, program, [folder, 'make'], given)) as Computed[]) : [];

const worst = (got: readonly number[], expected: readonly number[]) =>
  expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);

describe.runIf(python)(`LLaVA of transformers${why}`, () => {
  test.each(names)('%s: logits, losses, gradients', async (name) => {
    const number = names.indexOf(name);
    const { tokens: rows, pixels, vision: seeing } = cases[number];
    const { model, weights } = await readModel(join(folder, 'theirs', String(number)));
    const places = rows.flatMap((row) => {
      let next = 0;
      return row.slice(0, -1).map((token) => (token === imageToken ? next++ : -1));
    });
    expect(Math.max(...places) + 1).toBe(model.image?.tokens);
    const inputs = {
      ...Object.fromEntries(weights),
      ...{ pixels, imagePlaces: places, tokens: rows.flatMap((row) => row.slice(0, -1)) },
      ...{ targets: rows.flatMap((row) => row.slice(1)), counter: [1, 1, 0] },
    };
    const side = seeing.image_size;
    const further = {
      pixels: { shape: [3, side, side], dtype: 'f32' as const },
      imagePlaces: { shape: [length], dtype: 'i32' as const },
    };
    const shape = { batch: rows.length, length, further };
    const { logits } = await runOnCpu(buildLogitsProgram(model, shape), inputs);
    const { losses } = await runOnCpu(buildEvaluateProgram(model, shape), inputs);
    const sums = await runOnCpu(buildAccumulateProgram(model, shape).program, inputs);
    const expected = made[number];
    expect(logits).toHaveLength(expected.logits.length);
    expect(worst(logits, expected.logits)).toBeLessThan(1e-4);
    expect(worst(losses, expected.losses)).toBeLessThan(1e-3);
    const gradients = model.parameters().map((parameter) => {
      const theirs = expected.gradients[parameter.name];
      const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      return { name: parameter.name, off: worst(sums[`sum:${parameter.name}`], theirs) / largest };
    });
    expect(gradients.filter(({ off }) => !(off < 1e-3))).toEqual([]);
  });

  test('written again, weights and configuration are the same', async () => {
    for (const number of names.keys()) {
      const { model, weights } = await readModel(join(folder, 'theirs', String(number)));
      mkdirSync(join(folder, 'ours', String(number)), { recursive: true });
      await writeModel(join(folder, 'ours', String(number)), { model }, weights);
    }
    const compared = JSON.parse(runPython(python!, program, [folder, 'compare'], given)) as unknown[];
    expect(compared).toEqual(names.map(() => ({ weights: [], config: {} })));
  });
});
