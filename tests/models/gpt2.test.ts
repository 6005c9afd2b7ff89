import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  buildAccumulateProgram,
  buildEvaluateProgram,
  buildLogitsProgram,
  countParameters,
  createModel,
  initialise,
  presets,
  readModel,
  readTensors,
  writeModel,
  writeTensors,
  type ModelConfig,
  type NamedTensor,
} from '@gristmill/models';
import { openDiskStore } from '@gristmill/storage';
import { interpret } from '@gristmill/tensor';

const config: ModelConfig = {
  modelType: 'gpt2',
  vocabSize: 65,
  nPositions: 8,
  nLayer: 2,
  nHead: 2,
  nEmbd: 16,
  dropout: 0,
  layerNormEpsilon: 1e-5,
  initializerRange: 0.02,
  eosTokenId: 0,
};
const tiny = createModel(config);
const specs = tiny.parameters();
const weights = new Map(specs.map((spec, i) => [spec.name, initialise(spec, i, 1)]));
const folder = () => mkdtempSync(join(tmpdir(), 'gristmill-models-'));

test('the presets have the published numbers of parameters', () => {
  const count = (name: string) =>
    countParameters(createModel({ ...presets[name].model, vocabSize: 50257, eosTokenId: 50256 }));
  expect(count('gpt2-124m')).toBe(124_439_808);
  expect(count('gpt2-350m')).toBe(354_823_168);
  expect(count('gpt2-774m')).toBe(774_030_080);
  expect(count('gpt2-1558m')).toBe(1_557_611_200);
});

test('an untrained model gives every token the same chance: its loss is ln V', () => {
  const program = buildEvaluateProgram(tiny, { batch: 2, length: 8 });
  const tokens = Array.from({ length: 16 }, (_, i) => (i * 11) % 65);
  const targets = tokens.map((token) => (token * 7 + 3) % 65);
  const { losses } = interpret(program, { ...Object.fromEntries(weights), tokens, targets });
  const loss = [...losses].reduce((sum, value) => sum + value, 0) / 16;
  expect(Math.abs(loss - Math.log(65))).toBeLessThan(0.05);
});

test('a position sees only what lies before it', () => {
  const program = buildLogitsProgram(tiny, { batch: 1, length: 8 });
  const run = (tokens: number[]) => interpret(program, { ...Object.fromEntries(weights), tokens }).logits;
  const [a, b] = [run([1, 2, 3, 4, 5, 6, 7, 8]), run([1, 2, 3, 4, 9, 9, 9, 9])];
  expect([...a.slice(0, 4 * 65)]).toEqual([...b.slice(0, 4 * 65)]);
  expect([...a.slice(4 * 65, 5 * 65)]).not.toEqual([...b.slice(4 * 65, 5 * 65)]);
});

test('the gradient of a whole model is what central differences give', () => {
  const dropping = createModel({ ...config, dropout: 0.1 });
  const { program } = buildAccumulateProgram(dropping, { batch: 2, length: 4 });
  const sums = specs.map(({ name }) => [`sum:${name}`, new Float32Array(weights.get(name)!.length).fill(1)]);
  const inputs: Record<string, ArrayLike<number>> = {
    ...Object.fromEntries(weights),
    ...Object.fromEntries(sums),
    lossSum: [3],
    targetCount: [5],
    tokens: [1, 2, 3, 4, 5, 6, 7, 8],
    targets: [2, 3, 4, 5, 6, -1, 8, 9],
    counter: [1, 2, 3],
  };
  const results = interpret(program, inputs);
  for (const name of [
    'wte.weight',
    'wpe.weight',
    'h.0.attn.c_attn.weight',
    'h.1.mlp.c_proj.bias',
    'ln_f.weight',
  ]) {
    const at = 5;
    const loss = (by: number) => {
      const moved = Float64Array.from(inputs[name]);
      moved[at] += by;
      return interpret(program, { ...inputs, [name]: moved }).lossSum[0];
    };
    const slope = (loss(1e-4) - loss(-1e-4)) / 2e-4;
    expect(results[`sum:${name}`][at], name).toBeCloseTo(1 + slope, 6);
  }
  expect(results.targetCount[0]).toBe(5 + 7); // one of eight is left out
});

test('gradients are the same when blocks or their attention are computed again', () => {
  const dropping = createModel({ ...config, dropout: 0.1 });
  const shape = { batch: 2, length: 4 };
  const sums = specs.map(({ name }) => [`sum:${name}`, new Float32Array(weights.get(name)!.length)]);
  const inputs = {
    ...Object.fromEntries([...weights, ...sums]),
    lossSum: [0],
    targetCount: [0],
    tokens: [1, 2, 3, 4, 5, 6, 7, 8],
    targets: [2, 3, 4, 5, 6, -1, 8, 9],
    counter: [1, 2, 3],
  };
  const kept = buildAccumulateProgram(dropping, shape).program;
  const expected = interpret(kept, inputs);
  for (const remat of ['attention', 'block'] as const) {
    const { program } = buildAccumulateProgram(dropping, shape, { remat });
    expect(program.operations.length, remat).toBeGreaterThan(kept.operations.length);
    const got = interpret(program, inputs);
    for (const name of Object.keys(expected)) expect(got[name], `${remat}, ${name}`).toEqual(expected[name]);
  }
});

test('initial weights have their deviation, and residual projections a smaller one', () => {
  const deviation = (name: string) => {
    const all = createModel({ ...config, nEmbd: 64 }).parameters();
    const index = all.findIndex((spec) => spec.name === name);
    const values = initialise(all[index], index, 7);
    return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  };
  expect(deviation('h.0.mlp.c_fc.weight')).toBeCloseTo(0.02, 3);
  expect(deviation('h.0.mlp.c_proj.weight')).toBeCloseTo(0.02 / Math.sqrt(4), 3);
});

test('a model that is written and read is the same', async () => {
  const directory = folder();
  await writeModel(directory, { model: tiny, tokenizer: new TextEncoder().encode('{}') }, weights);
  const read = await readModel(directory);
  expect(read.model.toJson()).toEqual(tiny.toJson());
  expect(read.weights).toEqual(weights);
  expect(new TextDecoder().decode(read.tokenizer)).toBe('{}');
});

test('weights are read with and without prefix, and buffers that are no weights are left out', async () => {
  const directory = folder();
  const store = openDiskStore({ root: directory });
  await writeModel(directory, { model: tiny }, weights);
  await store.remove('model.safetensors');
  const bare = specs.map(({ name, shape }) => ({ name, shape, load: () => weights.get(name)! }));
  const extra = { name: 'h.0.attn.bias', shape: [1], load: () => new Float32Array(1) };
  await writeTensors(store, 'model.safetensors', [...bare, extra]);
  expect((await readModel(directory)).weights).toEqual(weights);
});

test('weights that do not fit the configuration are refused with the name of the tensor', async () => {
  const directory = folder();
  await writeModel(directory, { model: tiny }, weights);
  await openDiskStore({ root: directory }).replace(
    'config.json',
    JSON.stringify(createModel({ ...config, nPositions: 9 }).toJson()),
  );
  await expect(readModel(directory)).rejects.toThrow(
    /wpe.weight has the shape \[8, 16\] instead of \[9, 16\]/,
  );
});

test('an architecture that is not known is refused, and a folder without a model', async () => {
  const directory = folder();
  await expect(readModel(directory)).rejects.toMatchObject({ code: 'no-model' });
  await openDiskStore({ root: directory }).replace('config.json', '{"model_type":"mamba"}');
  await expect(readModel(directory)).rejects.toMatchObject({ code: 'unknown-architecture' });
});

/** A safetensors file written by hand. */
function writeByHand(header: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), data]);
}

async function readAll(bytes: Uint8Array) {
  const store = openDiskStore({ root: folder() });
  await store.replace('x.safetensors', bytes);
  const tensors: NamedTensor[] = [];
  for await (const tensor of readTensors(store, 'x.safetensors')) tensors.push(tensor);
  return tensors;
}

test('half, brain and double precision are read exactly', async () => {
  const header = JSON.stringify({
    half: { dtype: 'F16', shape: [4], data_offsets: [0, 8] },
    brain: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] },
    double: { dtype: 'F64', shape: [], data_offsets: [12, 20] },
    integers: { dtype: 'I64', shape: [1], data_offsets: [20, 28] },
  });
  const data = Buffer.alloc(28);
  [0x3c00, 0xc000, 0x0001, 0x7c00, 0x3f80, 0xc049].forEach((half, i) => data.writeUInt16LE(half, i * 2));
  data.writeDoubleLE(0.5, 12);
  const tensors = await readAll(writeByHand(header, data));
  expect(tensors.map(({ name, data: values }) => [name, ...values])).toEqual([
    ['half', 1, -2, 2 ** -24, Infinity],
    ['brain', 1, -3.140625],
    ['double', 0.5],
  ]);
});

test('a damaged file is refused with a hint and without reading beyond it', async () => {
  const huge = Buffer.alloc(16);
  huge.writeBigUInt64LE(2n ** 60n);
  const beyond = JSON.stringify({ x: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } });
  const misfit = JSON.stringify({ x: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } });
  for (const bytes of [
    Buffer.alloc(3),
    huge,
    writeByHand('{"x":', Buffer.alloc(8)),
    writeByHand(beyond, Buffer.alloc(8)),
    writeByHand(misfit, Buffer.alloc(8)),
  ])
    await expect(readAll(bytes)).rejects.toMatchObject({ code: 'safetensors-damaged' });
});
