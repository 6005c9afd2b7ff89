import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  createBuilder,
  createCpuEngine,
  differentiate,
  interpret,
  operations as o,
  sizeOf,
  type Program,
  type Value,
} from '@gristmill/tensor';
import { byName, cases, drawInputs, relativeError } from './cases.ts';

/** Runs a program on the cpu executor. */
async function runOnCpu(program: Program, inputs: Readonly<Record<string, ArrayLike<number>>>, threads = 1) {
  const engine = createCpuEngine({ threads });
  const bind = (named: Program['inputs']) =>
    Object.fromEntries(named.map(({ name, value }) => [name, engine.allocate(value)]));
  const [given, outputs] = [bind(program.inputs), bind(program.outputs)];
  for (const [name, values] of Object.entries(inputs)) given[name]?.data.set(values);
  const schedule = await engine.schedule([[{ plan: engine.compile(program), inputs: given, outputs }]]);
  schedule.run();
  schedule.run(); // the second run must not see what the first left behind
  await schedule.close();
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
}

for (const one of cases) {
  test(`the cpu executor agrees with the reference on ${one.name} and its gradient`, async () => {
    const b = createBuilder();
    const inputs = one.inputs.map(({ shape }, i) => b.input(`x${i}`, shape));
    const y = one.build(b, inputs);
    const gradients = differentiate(b, o.sumAll(b, o.multiply(b, y, y)), inputs);
    const program = b.finish({ y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) });
    const values = byName(drawInputs(one, 5));
    const expected = interpret(program, values);
    const got = await runOnCpu(program, values);
    for (const name of Object.keys(expected))
      expect(relativeError(got[name], expected[name]), name).toBeLessThan(1e-5);
  });
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
  const y = b.apply('packedAttention', [x], { heads: 3, causal: true });
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
  const [got, expected] = [await runOnCpu(program, inputs), interpret(program, inputs)];
  for (const name of Object.keys(expected))
    expect(relativeError(got[name], expected[name]), name).toBeLessThan(1e-5);
});

test('exponentials and activations keep their precision over the whole range', async () => {
  const b = createBuilder();
  const x = b.input('x', [4001]);
  const program = b.finish({
    e: o.exp(b, x),
    y: b.apply('gelu', [x], { approximate: true }),
    r: o.rsqrt(b, o.exp(b, x)),
  });
  const inputs = { x: Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 25) };
  const [got, expected] = [await runOnCpu(program, inputs), interpret(program, inputs)];
  for (const name of ['e', 'r'])
    got[name].forEach((value, i) => expect(Math.abs(value / expected[name][i] - 1)).toBeLessThan(1e-5));
  got.y.forEach((value, i) =>
    expect(Math.abs(value - expected.y[i])).toBeLessThan(1e-5 * Math.max(1, Math.abs(value))),
  );
});

test('a task gives the same bytes on any thread and from run to run', async () => {
  const b = createBuilder();
  const x = b.input('x', [2, 70, 96]);
  const y = b.apply('packedAttention', [x], { heads: 4, causal: true });
  const [dx] = differentiate(b, o.sumAll(b, o.multiply(b, y, y)), [x]);
  const program = b.finish({ y, dx });
  const values = draw(sizeOf(x.shape));
  const digests = new Set<string>();
  for (const threads of [1, 2, 3]) {
    const engine = createCpuEngine({ threads });
    const plan = engine.compile(program);
    const tasks = Array.from({ length: 4 }, () => ({
      plan,
      inputs: { x: engine.allocate(x) },
      outputs: { y: engine.allocate(y), dx: engine.allocate(dx) },
    }));
    for (const { inputs } of tasks) inputs.x.data.set(values);
    const schedule = await engine.schedule([tasks, tasks]);
    for (let run = 0; run < 5; run++) schedule.run();
    for (const { outputs } of tasks)
      digests.add(Buffer.from(Float32Array.from(outputs.dx.data).buffer).toString('base64'));
    await schedule.close();
  }
  expect(digests.size).toBe(1);
});

test('an output that lies on its input is written only when nobody reads the input any more', async () => {
  const b = createBuilder();
  const [p, g] = [b.input('p', [5]), b.input('g', [5])];
  const next = o.subtract(b, p, g);
  const later = o.multiply(b, p, 10); // reads p after the new p exists
  const program = b.finish({ p: next, later });
  const engine = createCpuEngine();
  const [buffer, gradient, out] = [engine.allocate(p), engine.allocate(g), engine.allocate(p)];
  buffer.data.set([1, 2, 3, 4, 5]);
  gradient.data.fill(1);
  const plan = engine.compile(program, { p: 'p' });
  const schedule = await engine.schedule([
    [{ plan, inputs: { p: buffer, g: gradient }, outputs: { p: buffer, later: out } }],
  ]);
  schedule.run();
  expect([...buffer.data]).toEqual([0, 1, 2, 3, 4]);
  expect([...out.data]).toEqual([10, 20, 30, 40, 50]);
});

test('a task without a buffer for an input is refused', async () => {
  const b = createBuilder();
  const x = b.input('x', [2]);
  const engine = createCpuEngine();
  const plan = engine.compile(b.finish({ y: o.negate(b, x) }));
  await expect(engine.schedule([[{ plan, inputs: {}, outputs: { y: engine.allocate(x) } }]])).rejects.toThrow(
    'bound to x',
  );
});
