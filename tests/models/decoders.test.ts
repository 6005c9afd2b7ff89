// What every family of decoders owes: agreement of executors, causality, decoding with a cache, a configuration that can
// be written and read, refusals by name.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  buildAccumulateProgram,
  buildDecodeProgram,
  buildLogitsProgram,
  changeModelConfig,
  createModel,
  readModelConfig,
  type LanguageModel,
} from '@gristmill/models';
import {
  interpret,
  openCpuExecutor,
  sizeOf,
  type CpuExecutor,
  type Program,
  type Tensor,
} from '@gristmill/tensor';
import { smallDecoders } from './small-decoders.ts';

let executor: CpuExecutor;
beforeAll(() => void (executor = openCpuExecutor({ threads: 1 })));
afterAll(() => executor.close());

const modelOf = (name: string): LanguageModel => {
  const { modelType, json } = smallDecoders[name];
  return createModel(readModelConfig({ model_type: modelType, ...json }, name));
};

function drawWeights(model: LanguageModel): Record<string, Float32Array> {
  const random = createRandom(7);
  const draw = (size: number, centre: number) =>
    Float32Array.from({ length: size }, () => centre + 0.6 * (random() - 0.5));
  return Object.fromEntries(
    model
      .parameters()
      .map(({ name, shape, init }) => [name, draw(sizeOf(shape), init.kind === 'ones' ? 1 : 0)]),
  );
}

async function run(program: Program, given: Readonly<Record<string, ArrayLike<number>>>) {
  const inputs: Record<string, Tensor> = {};
  for (const { name, value } of program.inputs)
    inputs[name] = await (given[name] ? executor.upload(value, given[name]) : executor.allocate(value));
  const executable = await executor.compile(program);
  const outputs = await executor.run(executable, inputs);
  const read: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(outputs)) read[name] = [...(await executor.download(tensor))];
  executor.dispose(executable, ...Object.values(inputs), ...Object.values(outputs));
  return read;
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);

const length = 11;
const tokens = Array.from({ length }, (_, i) => (i * i * 7 + 3) % 37);

describe.each(Object.keys(smallDecoders))('%s', (name) => {
  const model = modelOf(name);
  const weights = drawWeights(model);

  test('has the losses and gradients of the reference on cpu', async () => {
    const { program } = buildAccumulateProgram(model, { batch: 1, length });
    const targets = tokens.map((token) => (token * 5 + 1) % 37);
    const zeros = Object.fromEntries(
      program.inputs.map(({ name: input, value }) => [input, new Float32Array(sizeOf(value.shape))]),
    );
    const given = { ...zeros, ...weights, tokens, targets, counter: [0, 1, 0] };
    const [got, expected] = [await run(program, given), interpret(program, given)];
    for (const output of Object.keys(expected))
      expect(distance(got[output], expected[output]) / largest(expected[output]), output).toBeLessThan(1e-4);
    const idle = model
      .parameters()
      .filter(({ name: of }) => expected[`sum:${of}`].every((value) => value === 0));
    expect(idle.map((spec) => spec.name)).toEqual([]);
  });

  test('sees only what lies before, and decodes with a cache what it computes whole', async () => {
    const program = buildLogitsProgram(model, { batch: 1, length });
    const { logits } = await run(program, { ...weights, tokens });
    const vocabSize = model.vocabSize;
    const other = await run(program, { ...weights, tokens: tokens.with(6, (tokens[6] + 1) % 37) });
    expect(other.logits.slice(0, 6 * vocabSize)).toEqual(logits.slice(0, 6 * vocabSize));
    expect(distance(other.logits.slice(6 * vocabSize), logits.slice(6 * vocabSize))).toBeGreaterThan(1e-3);

    let cache: Record<string, ArrayLike<number>> = {};
    let start = 0;
    for (const count of [4, 1, 3]) {
      const step = buildDecodeProgram(model, { length: count, capacity: length }).program;
      const fed = tokens.slice(start, start + count);
      const outputs = await run(step, {
        ...weights,
        ...cache,
        tokens: fed,
        start: [start],
        position: [count - 1],
      });
      const { logits: last, ...next } = outputs;
      cache = next;
      start += count;
      expect(distance(last, logits.slice((start - 1) * vocabSize, start * vocabSize))).toBeLessThan(1e-4);
    }
  });

  test('is written as config.json and read again', () => {
    const json = model.toJson();
    expect(createModel(readModelConfig(json, 'it')).toJson()).toEqual(json);
    for (const { name: own } of model.parameters()) expect(model.rename(model.savedName(own))).toBe(own);
  });

  test('is resized by the settings that every family has', () => {
    const { modelType, json } = smallDecoders[name];
    const config = readModelConfig({ model_type: modelType, ...json }, name);
    const sizes = { nLayer: 6, nHead: 2, nEmbd: 32, nPositions: 40 };
    const resized = changeModelConfig(config, sizes);
    expect(resized).toMatchObject(sizes);
    const again = createModel(readModelConfig(createModel(resized).toJson(), 'it'));
    expect(again.parameters()).toEqual(createModel(resized).parameters());
  });
});

test.each([
  ['openai-gpt', { afn: 'relu' }, 'afn relu'],
  ['gpt_neo', { activation_function: 'relu' }, 'activation_function relu'],
  ['llama', { hidden_act: 'gelu' }, 'hidden_act gelu'],
  ['llama', { rope_parameters: { rope_type: 'longrope' } }, 'rope_type longrope'],
  ['llama', { partial_rotary_factor: 0.5 }, 'partial_rotary_factor 0.5'],
  [
    'qwen2',
    { use_sliding_window: true, num_hidden_layers: 1, layer_types: ['chunked_attention'] },
    'layer_types chunked',
  ],
  [
    'bloom',
    { apply_residual_connection_post_layernorm: true },
    'apply_residual_connection_post_layernorm true',
  ],
  ['nanochat', { tie_word_embeddings: true }, 'tie_word_embeddings true'],
  ['nanochat', { hidden_act: 'silu' }, 'hidden_act silu'],
])('%s with what it does not compute is refused by name: %s', (type, json, named) => {
  const read = () => readModelConfig({ model_type: type, ...json }, 'it');
  expect(read).toThrow(expect.objectContaining({ code: 'not-modelled' }) as Error);
  expect(read).toThrow(named);
});

test.each([
  [{ nHead: 5 }, 'nHead 5 does not divide nEmbd 24'],
  [{ nKeyValueHead: 3 }, 'nKeyValueHead 3 does not divide nHead 4'],
  [{ nHead: 8, nEmbd: 24 }, 'heads are 3 wide'],
])('sizes that do not go together are refused: %o', (values, said) => {
  const config = readModelConfig({ model_type: 'llama', ...smallDecoders.LLaMA.json }, 'it');
  expect(() => createModel(changeModelConfig(config, values))).toThrow(said);
});

test.each([
  ['yarnFactor', { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32 }, 128, 128],
  ['linearFactor', { rope_type: 'linear', factor: 4 }, 128, 128],
  ['ntkFactor', { rope_type: 'dynamic', factor: 4 }, 32, 128],
])(
  'a LLaMA is stretched by %s, and by the same again no further',
  (setting, rope_parameters, written, longest) => {
    const config = readModelConfig({ model_type: 'llama', ...smallDecoders.LLaMA.json }, 'it');
    const once = changeModelConfig(config, { [setting]: 4 });
    expect(createModel(once).toJson()).toMatchObject({ rope_parameters, max_position_embeddings: written });
    expect(createModel(once).maxLength).toBe(longest);
    expect(changeModelConfig(once, { [setting]: 4 })).toEqual(once);
    expect(createModel(changeModelConfig(once, { [setting]: 1 })).toJson()).toEqual(
      createModel(config).toJson(),
    );
  },
);

test('older files with rope_theta and rope_scaling mean what rope_parameters do', () => {
  const { json } = smallDecoders['LLaMA stretched as Llama 3'];
  const { rope_parameters, ...rest } = json as { rope_parameters: Record<string, unknown> };
  const { rope_theta, ...rope_scaling } = rope_parameters;
  const [older, newer] = [{ ...rest, rope_theta, rope_scaling }, json];
  const toJson = (one: object) =>
    createModel(readModelConfig({ model_type: 'llama', ...one }, 'it')).toJson();
  expect(toJson(older)).toEqual(toJson(newer));
});
