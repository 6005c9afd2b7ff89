// Computing regions again in the backward pass: the same gradients out of less memory.
import { expect, test } from 'vitest';
import {
  createBuilder,
  differentiate,
  interpret,
  lowerToStableHlo,
  openCpuExecutor,
  operations as o,
  sizeOf,
  type DifferentiateOptions,
  type Value,
} from '@gristmill/tensor';

const [batch, length, width, heads, layers] = [2, 16, 16, 2, 4];

/** A small transformer whose blocks and attentions are regions, with dropout, and the gradient of Σ y². */
function buildModel(options: DifferentiateOptions, taps: readonly string[] = []) {
  const b = createBuilder();
  const input = b.input('x', [batch, length, width]);
  const counter = b.input('counter', [3], 'u32');
  const weights = ['qkv', 'out', 'up', 'down'].map((name, i) =>
    b.input(
      name,
      [
        [width, 3 * width],
        [width, width],
        [width, 4 * width],
        [4 * width, width],
      ][i],
    ),
  );
  const [qkv, out, up, down] = weights;
  const scale = b.input('scale', [width]);
  const attend = (x: Value) => {
    const parts = o.split(b, o.linear(b, o.rmsNorm(b, x, scale, 1e-5), qkv), [width, width, width], 2);
    const [q, k, v] = parts.map((part) => o.reshape(b, part, [batch, length, heads, width / heads]));
    const dropout = { rate: 0.1, counter };
    const { y } = o.attention(b, q, k, v, { causal: true, dropout });
    return o.linear(b, o.reshape(b, y, [batch, length, width]), out);
  };
  const block = (x: Value, i: number) => {
    const attended = o.add(
      b,
      x,
      b.tap(
        `attended.${i}`,
        b.region('attention', () => attend(x)),
      ),
    );
    const wide = o.gelu(b, o.linear(b, attended, up), { approximate: true });
    return o.add(b, attended, o.dropout(b, o.linear(b, wide, down), { rate: 0.1, counter }));
  };
  let x: Value = input;
  for (let i = 0; i < layers; i++) x = b.region('block', () => block(x, i));
  const gradients = differentiate(b, o.sumAll(b, o.multiply(b, x, x)), [input, ...weights, scale], options);
  return b.finish({ y: x, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) }, { taps });
}

const values = Object.fromEntries(
  buildModel({}).inputs.map(({ name, value }, at) => [
    name,
    name === 'counter'
      ? [7, 1, 0]
      : Array.from({ length: sizeOf(value.shape) }, (_, i) => Math.sin(1.7 * i + at) * (at > 0 ? 0.2 : 1)),
  ]),
);

test('gradients are the same whether a region is kept or computed again', () => {
  const kept = interpret(buildModel({}), values);
  for (const remat of ['block', 'attention'] as const) {
    const again = interpret(buildModel({ remat }), values);
    for (const name of Object.keys(kept))
      expect([...again[name]], `${remat}, ${name}`).toEqual([...kept[name]]);
  }
  expect(interpret(buildModel({ remat: 'none' }), values).g1).toEqual(kept.g1);
});

test('the cpu executor needs less memory for a model whose blocks are computed again, and gives the same', async () => {
  const cpu = openCpuExecutor();
  const bytes: Record<string, number> = {};
  const results: Record<string, Record<string, ArrayLike<number>>> = {};
  for (const remat of ['none', 'attention', 'block'] as const) {
    const program = buildModel({ remat });
    const executable = await cpu.compile(program);
    bytes[remat] = executable.workingBytes as number;
    const inputs = await Promise.all(
      program.inputs.map(async ({ name, value }) => [name, await cpu.upload(value, values[name])] as const),
    );
    const outputs = await cpu.run(executable, Object.fromEntries(inputs));
    results[remat] = {};
    for (const [name, tensor] of Object.entries(outputs)) results[remat][name] = await cpu.download(tensor);
    cpu.dispose(executable);
  }
  await cpu.close();
  const activation = batch * length * width * 4; // bytes of one activation of the width of the model
  expect(bytes.none - bytes.attention).toBeGreaterThan(2 * activation * layers);
  expect(bytes.attention - bytes.block).toBeGreaterThan(2 * activation * layers);
  for (const remat of ['attention', 'block'])
    for (const name of Object.keys(results.none))
      Array.from(results[remat][name]).forEach((value, i) =>
        expect(value, `${remat}, ${name}[${i}]`).toBeCloseTo(results.none[name][i], 3),
      );
});

test('what is computed again is behind a barrier, so that no compiler joins it to the first time', () => {
  const count = (options: DifferentiateOptions) =>
    lowerToStableHlo(buildModel(options)).split('optimization_barrier').length - 1;
  expect(count({})).toBe(0);
  expect(count({ remat: 'block' })).toBe(layers - 1); // the first block reads an input, which is there anyhow
  expect(count({ remat: 'attention' })).toBe(layers - 1);
});

test('a tap is an output only where it is asked for', () => {
  const names = (taps: readonly string[]) => buildModel({}, taps).outputs.map(({ name }) => name);
  expect(names([])).not.toContain('tap:attended.0');
  expect(names(['attended.3'])).toContain('tap:attended.3');
  expect(() => names(['logits'])).toThrow('there is no tap logits, only attended.0');
  const b = createBuilder();
  const x = b.tap('x', b.input('x', [2]));
  expect(() => b.tap('x', x)).toThrow('two taps x');
  expect(interpret(b.finish({}, { taps: 'all' }), { x: [1, 2] })['tap:x']).toEqual(Float64Array.of(1, 2));
});
