// The xla executor against the reference, on whatever PJRT plugin GRISTMILL_PJRT_PLUGIN names: a shared library such as
// the one in the PyPI wheel xla-cpu-pjrt. GRISTMILL_PJRT_TOLERANCE widens the bound for devices that round products.
import { expect, test } from 'vitest';
import {
  createBuilder,
  differentiate,
  fillPhilox,
  interpret,
  lowerToStableHlo,
  openXlaEngine,
  operations as o,
} from '@gristmill/tensor';
import { byName, cases, drawInputs, relativeError } from './cases.ts';

const plugin = process.env.GRISTMILL_PJRT_PLUGIN;
const why = plugin ? '' : ' (skipped: GRISTMILL_PJRT_PLUGIN names no plugin)';
const tolerance = Number(process.env.GRISTMILL_PJRT_TOLERANCE ?? 1e-5);
const engine = plugin
  ? await openXlaEngine(plugin, plugin.includes('cpu') ? { cpu_device_count: 1 } : {})
  : undefined;

for (const one of cases) {
  test.skipIf(!engine)(`xla agrees with the reference on ${one.name} and its gradient${why}`, () => {
    const b = createBuilder();
    const inputs = one.inputs.map(({ shape }, i) => b.input(`x${i}`, shape));
    const y = one.build(b, inputs);
    const gradients = differentiate(b, o.sumAll(b, o.multiply(b, y, y)), inputs);
    const program = b.finish({ y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) });
    const values = byName(drawInputs(one, 5));
    const expected = interpret(program, values);
    const given = program.inputs.map(
      ({ name, value }) => [name, engine!.upload(values[name], value)] as const,
    );
    const compiled = engine!.compile(program);
    const got = compiled.run(Object.fromEntries(given));
    for (const name of Object.keys(expected)) {
      const data = got[name].read();
      expect(relativeError(data, expected[name]), name).toBeLessThan(tolerance);
      // A failed kernel may raise nothing and leave zeros.
      if (expected[name].some((value) => value !== 0)) expect(data.some((value) => value !== 0)).toBe(true);
    }
  });
}

test.skipIf(!engine)(`xla draws the same random bits, and a donated buffer is taken over${why}`, () => {
  const b = createBuilder();
  const counter = b.input('counter', [3], 'u32');
  const total = b.input('total', [2, 5], 'u32');
  const bits = b.apply('philox', [counter], { shape: [2, 5], stream: 7 });
  const program = b.finish({ total: b.apply('add', [bits, total]) });
  const expected = new Uint32Array(10);
  fillPhilox(expected, [1, 2, 3], 7);
  const compiled = engine!.compile(program, { total: 'total' });
  const zeros = engine!.upload(new Uint32Array(10), total);
  const { total: first } = compiled.run({ counter: engine!.upload([1, 2, 3], counter), total: zeros });
  expect([...first.read()]).toEqual([...expected]);
  expect(() => compiled.run({ counter: zeros, total: zeros })).toThrow('no buffer');
});

test('the text names every parameter that is taken over', () => {
  const b = createBuilder();
  const [x, y] = [b.input('x', [2]), b.input('y', [2])];
  const text = lowerToStableHlo(b.finish({ z: o.add(b, x, y) }), { z: 'y' });
  expect(text).toContain('%arg0: tensor<2xf32>, %arg1: tensor<2xf32> {tf.aliasing_output = 0 : i32}');
});
