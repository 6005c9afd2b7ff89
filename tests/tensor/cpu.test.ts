import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  createBuilder,
  differentiate,
  interpret,
  openCpuExecutor,
  operations as o,
  sizeOf,
  type CpuExecutor,
  type HostData,
  type Program,
  type Tensor,
  type Value,
} from '@gristmill/tensor';
import { addAttention, attendPacked, shapesOf, type AttentionCase } from './attention-cases.ts';
import { relativeError } from './cases.ts';

let executor: CpuExecutor;
beforeAll(() => void (executor = openCpuExecutor({ threads: 2 })));
afterAll(() => executor.close());

type Values = Readonly<Record<string, ArrayLike<number>>>;

async function uploadAll(on: CpuExecutor, program: Program, values: Values) {
  const tensors: Record<string, Tensor> = {};
  for (const { name, value } of program.inputs) tensors[name] = await on.upload(value, values[name]);
  return tensors;
}

async function downloadAll(on: CpuExecutor, tensors: Readonly<Record<string, Tensor>>) {
  const read: Record<string, HostData> = {};
  for (const [name, tensor] of Object.entries(tensors)) read[name] = await on.download(tensor);
  on.dispose(...Object.values(tensors));
  return read;
}

/** Runs a program once; leaves nothing behind. */
async function runOnCpu(program: Program, values: Values, on = executor, donate = {}) {
  const executable = await on.compile(program, { donate });
  const inputs = await uploadAll(on, program, values);
  const outputs = await downloadAll(on, await on.run(executable, inputs));
  on.dispose(executable, ...Object.values(inputs));
  return outputs;
}

async function expectAgreement(program: Program, values: Values, tolerance = 1e-5) {
  const [got, expected] = [await runOnCpu(program, values), interpret(program, values)];
  for (const name of Object.keys(expected))
    expect(relativeError(got[name], expected[name]), name).toBeLessThan(tolerance);
}

const random = createRandom(3);
const draw = (size: number) => Float32Array.from({ length: size }, () => 2 * random() - 1);

test('matrix products of awkward sizes agree with the reference', async () => {
  for (const [m, n, k] of [
    [1, 1, 1],
    [5, 3, 2],
    [6, 8, 4],
    [7, 9, 300],
    [97, 17, 5],
    [13, 520, 257],
    [100, 33, 64],
  ]) {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const b = createBuilder();
      const x = b.input('x', transposeA ? [k, m] : [m, k]);
      const y = b.input('y', transposeB ? [n, k] : [k, n]);
      const program = b.finish({ z: o.matmul(b, x, y, { transposeA, transposeB }) });
      const inputs = { x: draw(m * k), y: draw(k * n) };
      const error = relativeError((await runOnCpu(program, inputs)).z, interpret(program, inputs).z);
      expect(error, `${m} ${n} ${k} ${transposeA} ${transposeB}`).toBeLessThan(1e-5);
    }
  }
});

test('an element of a product has the same bits in a part of it', async () => {
  const [m, n, k] = [103, 75, 521];
  const [x, y] = [draw(m * k), draw(k * n)];
  const product = async (rows: readonly [number, number], columns: readonly [number, number]) => {
    const b = createBuilder();
    const part = (value: Value, start: number[], end: number[]) => o.slice(b, value, start, end);
    const left = part(b.input('x', [m, k]), [rows[0], 0], [rows[1], k]);
    const right = part(b.input('y', [k, n]), [0, columns[0]], [k, columns[1]]);
    return (await runOnCpu(b.finish({ z: o.matmul(b, left, right) }), { x, y })).z;
  };
  const whole = await product([0, m], [0, n]);
  const [rows, columns] = [
    [98, 103],
    [61, 75],
  ] as const;
  const part = await product(rows, columns);
  const expected = Array.from(
    { length: 5 * 14 },
    (_, i) => whole[(98 + Math.floor(i / 14)) * n + 61 + (i % 14)],
  );
  expect([...part]).toEqual(expected);
});

test('kernels agree with the reference over several blocks and on widths that are no multiple of four', async () => {
  const b = createBuilder();
  const [length, width, vocabSize] = [101, 18, 37];
  const x = b.input('x', [2, length, 3 * width]);
  const table = b.input('table', [vocabSize, width]);
  const [scale, shift] = [b.input('scale', [width]), b.input('shift', [width])];
  const y = attendPacked(b, x, 3);
  const normal = b.apply('layerNorm', [y, scale, shift], { epsilon: 1e-5 });
  const targets = b.input('targets', [2 * length], 'i32');
  const losses = b.apply('crossEntropy', [o.reshape(b, normal, [2 * length, width]), table, targets], {
    chunk: 64,
  });
  const loss = o.sumAll(b, losses);
  const [dx, dTable, dScale] = differentiate(b, loss, [x, table, scale]);
  const program = b.finish({ losses, dx, dTable, dScale });
  const inputs = {
    x: draw(2 * length * 3 * width),
    table: draw(vocabSize * width),
    scale: draw(width),
    shift: draw(width),
    targets: Int32Array.from({ length: 2 * length }, (_, i) => (i * 7) % vocabSize),
  };
  await expectAgreement(program, inputs);
});

test.each([
  [0, 0],
  [16, 0],
  [0, 2],
  [16, 2],
])(
  'losses over a vocabulary that is no multiple of eight agree (chunks of %i, a soft cap of %i)',
  async (chunk, softcap) => {
    const b = createBuilder();
    const [rows, width, vocabSize] = [50, 12, 37];
    const [hidden, table] = [b.input('hidden', [rows, width]), b.input('table', [vocabSize, width])];
    const targets = b.input('targets', [rows], 'i32');
    const losses = o.crossEntropy(b, hidden, table, targets, { chunk, softcap, smoothing: 0.1 });
    const [dHidden, dTable] = differentiate(b, o.sumAll(b, losses), [hidden, table]);
    const program = b.finish({ losses, dHidden, dTable });
    const inputs = {
      hidden: draw(rows * width),
      table: draw(vocabSize * width),
      targets: Int32Array.from({ length: rows }, (_, i) => ((i * 7) % (vocabSize + 1)) - 1),
    };
    await expectAgreement(program, inputs);
  },
);

test('exponentials and activations keep their precision over the whole range', async () => {
  const b = createBuilder();
  const x = b.input('x', [4001]);
  const program = b.finish({
    e: o.exp(b, x),
    y: b.apply('gelu', [x], { approximate: true }),
    exact: b.apply('gelu', [x], { approximate: false }),
    slope: b.apply('geluBackward', [x, o.constant(b, 1, [4001])], { approximate: false }),
    silu: o.silu(b, x),
    squared: o.squaredRelu(b, x),
    squaredSlope: b.apply('squaredReluBackward', [x, x]),
    r: o.rsqrt(b, o.exp(b, x)),
  });
  const inputs = { x: Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 25) };
  const [got, expected] = [await runOnCpu(program, inputs), interpret(program, inputs)];
  for (const name of ['e', 'r'])
    got[name].forEach((value, i) => expect(Math.abs(value / expected[name][i] - 1)).toBeLessThan(1e-5));
  for (const name of ['y', 'exact', 'slope', 'silu', 'squared', 'squaredSlope'])
    got[name].forEach((value, i) =>
      expect(Math.abs(value - expected[name][i])).toBeLessThan(1e-5 * Math.max(1, Math.abs(value))),
    );
});

test('a row of a product has the same bits alone, where its matrix is read as it lies', async () => {
  const [n, k] = [75, 521];
  const [x, y] = [draw(5 * k), draw(k * n)];
  for (const transposeB of [false, true]) {
    const product = async (rows: number) => {
      const b = createBuilder();
      const right = b.input('y', transposeB ? [n, k] : [k, n]);
      const bias = b.input('bias', [n]);
      const left = o.slice(b, b.input('x', [5, k]), [0, 0], [rows, k]);
      const z = b.apply('linear', [left, right, bias], { transposed: transposeB });
      return (await runOnCpu(b.finish({ z }), { x, y, bias: y.subarray(0, n) })).z;
    };
    const whole = await product(5);
    for (const rows of [1, 3]) expect([...(await product(rows))]).toEqual([...whole.slice(0, rows * n)]);
  }
});

const block = { batch: 2, length: 70, width: 48, heads: 4, vocabSize: 37 };

/** A block of a transformer with its loss, everything that is fused, sums of gradients, and a step of AdamW. */
function buildBlockStep() {
  const { batch, length, width, heads, vocabSize } = block;
  const b = createBuilder();
  const tokens = b.input('tokens', [batch, length], 'i32');
  const counter = b.input('counter', [3], 'u32');
  const input = (name: string, shape: number[]) => b.input(name, shape);
  const parameters = {
    table: input('table', [vocabSize, width]),
    scale: input('scale', [width]),
    shift: input('shift', [width]),
    attend: input('attend', [width, 3 * width]),
    attendBias: input('attendBias', [3 * width]),
    project: input('project', [width, width]),
    projectBias: input('projectBias', [width]),
    widen: input('widen', [width, 4 * width]),
    widenBias: input('widenBias', [4 * width]),
    narrow: input('narrow', [4 * width, width]),
    narrowBias: input('narrowBias', [width]),
  };
  const p = parameters;
  const linear = (x: Value, weight: Value, bias: Value) =>
    b.apply('linear', [x, weight, bias], { transposed: false });
  const norm = (x: Value) => b.apply('layerNorm', [x, p.scale, p.shift], { epsilon: 1e-5 });
  const drop = (x: Value) => b.apply('dropout', [x, counter], { rate: 0.1, stream: b.nextStream() });
  let x = drop(o.gather(b, p.table, tokens));
  x = o.add(
    b,
    x,
    linear(attendPacked(b, linear(norm(x), p.attend, p.attendBias), heads), p.project, p.projectBias),
  );
  const wide = b.apply('gelu', [linear(norm(x), p.widen, p.widenBias)], { approximate: true });
  x = norm(o.add(b, x, linear(wide, p.narrow, p.narrowBias)));
  const losses = b.apply(
    'crossEntropy',
    [o.reshape(b, x, [batch * length, width]), p.table, o.reshape(b, tokens, [batch * length])],
    { chunk: 32 },
  );
  const loss = o.sumAll(b, losses);
  const names = Object.keys(parameters);
  const gradients = differentiate(b, loss, Object.values(parameters));
  const outputs: Record<string, Value> = { loss };
  const donate: Record<string, string> = {};
  names.forEach((name, i) => {
    const sum = input(`sum:${name}`, [...gradients[i].shape]);
    outputs[`sum:${name}`] = o.add(b, sum, gradients[i]);
    outputs[`square:${name}`] = b.apply('sumSquares', [outputs[`sum:${name}`]]);
    donate[`sum:${name}`] = `sum:${name}`;
  });
  const values: Record<string, ArrayLike<number>> = { tokens: [], counter: [7, 1, 0] };
  const program = b.finish(outputs);
  for (const { name, value } of program.inputs)
    if (value.dtype === 'f32') values[name] = draw(sizeOf(value.shape)).map((v) => v * 0.3);
  values.tokens = Int32Array.from({ length: batch * length }, (_, i) => (i * 7) % vocabSize);
  return { program, values, donate };
}

test('a block of a transformer, fused and in place, agrees with the reference', async () => {
  const { program, values, donate } = buildBlockStep();
  const [got, expected] = [await runOnCpu(program, values, executor, donate), interpret(program, values)];
  for (const name of Object.keys(expected))
    expect(relativeError(got[name], expected[name]), name).toBeLessThan(1e-5);
});

test('a program has the same bits on one, two and three threads', async () => {
  const { program, values, donate } = buildBlockStep();
  const digests = new Set<string>();
  for (const threads of [1, 2, 3]) {
    const on = openCpuExecutor({ threads });
    for (let run = 0; run < 3; run++) {
      const got = await runOnCpu(program, values, on, donate);
      digests.add(
        JSON.stringify(Object.values(got).map((data) => Buffer.from(data.buffer).toString('base64'))),
      );
    }
    await on.close();
  }
  expect(digests.size).toBe(1);
});

test('attention over several blocks of rows agrees with the reference', async () => {
  const segments = (length: number, cut: number) =>
    Array.from({ length: 2 * length }, (_, i) => Number(i % length > cut));
  const large: AttentionCase = { name: '', batch: 2, queries: 101, keys: 130, heads: 4, groups: 2, size: 6 };
  for (const one of [
    { ...large, causal: true, offset: [29] },
    { ...large, window: 40 },
    { ...large, causal: true, slopes: [0.5, 0.25, 0.125, 0.0625], offset: [29, 3] },
    { ...large, causal: true, window: 33, bias: 4, offset: [29, 3], dropout: 0.2 },
    { ...large, segments: [segments(101, 60), segments(130, 70)] as const },
  ]) {
    const b = createBuilder();
    const inputs = shapesOf(one).map((shape, i) => b.input(`x${i}`, shape));
    const { y, logSumExp } = addAttention(b, one, inputs);
    const g = b.input('g', y.shape);
    const gradients = differentiate(b, o.sumAll(b, o.multiply(b, y, g)), inputs.slice(0, 3));
    const program = b.finish({ y, logSumExp, ...Object.fromEntries(gradients.map((d, i) => [`d${i}`, d])) });
    const values = Object.fromEntries(
      program.inputs.map(({ name, value }) => [name, draw(sizeOf(value.shape))]),
    );
    await expectAgreement(program, values);
  }
});

test('packed projections are read and their gradients written where they lie', async () => {
  const b = createBuilder();
  const x = b.input('x', [2, 60, 96]);
  const y = attendPacked(b, x, 4);
  const [dx] = differentiate(b, o.sumAll(b, o.multiply(b, y, y)), [x]);
  const program = b.finish({ y, dx });
  const executable = await executor.compile(program);
  // y and logSumExp live between the passes, and dy: nothing of the size of x.
  expect(executable.workingBytes).toBeLessThan(2 ** 21);
  await expectAgreement(program, { x: draw(sizeOf(x.shape)) });
});

test('runs, donations and disposed tensors leave no memory behind', async () => {
  const { program, values, donate } = buildBlockStep();
  await runOnCpu(program, values, executor, donate);
  const before = executor.memory();
  for (let i = 0; i < 10; i++) await runOnCpu(program, values, executor, donate);
  expect(executor.memory()).toEqual(before);
});

test('a tensor that is disposed of while a run reads it stays until the run is over', async () => {
  const on = openCpuExecutor({ threads: 1 });
  const b = createBuilder();
  const x = b.input('x', [300, 300]);
  const program = b.finish({ y: o.matmul(b, x, x) });
  const executable = await on.compile(program);
  const values = draw(90_000);
  const tensor = await on.upload(x, values);
  const running = on.run(executable, { x: tensor });
  on.dispose(tensor);
  const other = await on.upload(x, new Float32Array(90_000)); // must not lie where x lies
  const { y } = await downloadAll(on, await running);
  expect(relativeError(y, interpret(program, { x: values }).y)).toBeLessThan(1e-5);
  on.dispose(other);
  await on.close();
});

test('a failed run is an error of that run alone, and leaves no memory behind', async () => {
  const b = createBuilder();
  const x = b.input('x', [4000]);
  // The form admits nothing that fails, so one attribute is what no thread can be sent.
  const attributes = { value: 1, shape: [4000], dtype: 'f32', unsendable: (() => 1) as unknown as number };
  const bad = b.finish({ y: o.multiply(b, x, b.apply('constant', [], attributes)), x: o.negate(b, x) });
  const { usedBytes } = executor.memory();
  const broken = await executor.compile(bad, { donate: { x: 'x' } });
  for (let i = 0; i < 3; i++) {
    const tensor = await executor.upload(x, draw(4000));
    await expect(executor.run(broken, { x: tensor })).rejects.toThrow('the cpu executor failed');
    await expect(executor.download(tensor)).rejects.toThrow('donated');
  }
  executor.dispose(broken);
  const c = createBuilder();
  const good = c.finish({ y: o.negate(c, c.input('x', [2])) });
  expect([...(await runOnCpu(good, { x: [1, 2] })).y]).toEqual([-1, -2]);
  expect(executor.memory().usedBytes).toBe(usedBytes);
});

test('a closed executor refuses to run', async () => {
  const on = openCpuExecutor({ threads: 2 });
  const b = createBuilder();
  const x = b.input('x', [2]);
  const executable = await on.compile(b.finish({ y: o.negate(b, x) }));
  const tensor = await on.upload(x, [1, 2]);
  await on.close();
  await expect(on.run(executable, { x: tensor })).rejects.toThrow('closed');
  await expect(on.compile(executable.program)).rejects.toThrow('closed');
});

test('what WebAssembly cannot address is refused with the bytes by part, and nothing is allocated', async () => {
  const b = createBuilder();
  const [weight, moment] = [b.input('weight', [30_000, 10_000]), b.input('moment', [30_000, 10_000])];
  const program = b.finish({ moment: o.add(b, moment, weight) });
  const { usedBytes } = executor.memory();
  const refused = executor.compile(program, {
    donate: { moment: 'moment' },
    parts: { weight: 'parameters', moment: 'moments' },
    beside: { gradients: 2e9 },
  });
  await expect(refused).rejects.toMatchObject({ code: 'model-too-large-for-cpu' });
  await expect(refused).rejects.toThrow(/gradients 2,000 MB, parameters 1,200 MB, moments 1,200 MB/);
  expect(executor.memory().usedBytes).toBe(usedBytes);
});

test('a processor without SIMD is told so in a sentence', async () => {
  const script =
    "import('@gristmill/tensor').then(({ openCpuExecutor }) => openCpuExecutor()).catch((e) => console.log(e.code, e.message))";
  const flags = ['--no-enable-sse4-1', '--no-enable-avx', '--no-enable-avx2', '--no-enable-ssse3'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, '--input-type=module', '-e', script],
    {
      cwd: import.meta.dirname,
    },
  );
  expect(stdout).toMatch(/^no-relaxed-simd the cpu executor needs WebAssembly/);
});
