import { expect, test } from 'vitest';
import {
  createBuilder,
  differentiate,
  fillPhilox,
  interpret,
  operations as o,
  philox4x32,
  printProgram,
} from '@gristmill/tensor';

test('an operation that does not fit is refused when it is added, with both types', () => {
  const b = createBuilder();
  const [x, y] = [b.input('x', [2, 3]), b.input('y', [2, 3])];
  expect(() => o.matmul(b, x, y)).toThrow('matmul: f32[2,3] does not multiply f32[2,3]');
  expect(() => b.apply('add', [x, o.iota(b, [2, 3], 0)])).toThrow('add: f32[2,3] and i32[2,3] differ');
  expect(() => o.reshape(b, x, [4])).toThrow(/cannot become/);
  expect(() => o.slice(b, x, [0, 2], [2, 4])).toThrow(/lies outside/);
  expect(() => b.apply('convolve', [x])).toThrow('there is no operation convolve');
});

test('operations on which no output depends are left out', () => {
  const b = createBuilder();
  const x = b.input('x', []);
  o.exp(b, x);
  expect(printProgram(b.finish({ y: o.negate(b, x) }))).toBe(
    'input x f32[]\n%2 = negate(x) f32[] · 1 FLOP, 8 B\noutput y = %2\ntotal 1 FLOP, 8 B',
  );
});

test('a printed program says what each operation costs, a composite by what it decomposes into', () => {
  const b = createBuilder();
  const [x, w] = [b.input('x', [3, 4]), b.input('w', [4, 5])];
  const y = o.linear(b, x, w);
  const half = o.convert(b, o.reshape(b, y, [15]), 'bf16');
  const hidden = o.broadcast(b, o.constant(b, -Infinity), [2]);
  const text = printProgram(b.finish({ half, hidden }));
  expect(text).toContain('= linear(x, w) {transposed: false} f32[3,5] · 120 FLOP, 188 B'); // 2·3·4·5; 4 (12 + 20 + 15)
  expect(text).toContain('{shape: [15]} f32[15] · 0 FLOP, 0 B'); // a view
  expect(text).toContain('{dtype: bf16} bf16[15] · 0 FLOP, 90 B'); // 4 · 15 + 2 · 15
  expect(text).toContain('{value: -Infinity, shape: [], dtype: f32} f32[] · 0 FLOP, 4 B');
  expect(text).toContain('total 120 FLOP, 294 B');
});

test('bf16 is rounded to the nearest, ties to even, after each operation', () => {
  const b = createBuilder();
  const x = b.input('x', [5]);
  const rounded = o.convert(b, x, 'bf16');
  const program = b.finish({ rounded, sum: o.add(b, rounded, rounded), third: o.divide(b, rounded, 3) });
  const ulp = 2 ** -7; // above 1
  const x1 = [1 + ulp / 2, 1 + 1.5 * ulp, 1 + 0.51 * ulp, -1 - ulp, Infinity];
  const got = interpret(program, { x: x1 });
  expect([...got.rounded]).toEqual([1, 1 + 2 * ulp, 1 + ulp, -1 - ulp, Infinity]);
  expect(got.third[0]).toBe(0.333984375);
  expect(() => o.add(b, x, rounded)).toThrow('f32[5] and bf16[5] differ');
});

test('a gradient passes through a rounding, and not through integers', () => {
  const b = createBuilder();
  const x = b.input('x', [2]);
  const rounded = o.convert(b, o.convert(b, x, 'bf16'), 'f32');
  const whole = o.convert(b, o.convert(b, x, 'i32'), 'f32');
  const [g] = differentiate(b, o.sumAll(b, o.multiply(b, rounded, whole)), [x]);
  expect(g.dtype).toBe('f32');
  expect([...interpret(b.finish({ g }), { x: [2.5, -3.5] }).g]).toEqual([2, -3]);
});

test('numbers become flags and integers as they should', () => {
  const b = createBuilder();
  const x = b.input('x', [4]);
  const flags = o.convert(b, x, 'bool');
  const program = b.finish({ flags, whole: o.convert(b, x, 'i32'), back: o.convert(b, flags, 'f32') });
  const got = interpret(program, { x: [0.5, -0.5, 0, -7.9] });
  expect([...got.flags]).toEqual([1, 1, 0, 1]);
  expect([...got.whole]).toEqual([0, 0, 0, -7]);
  expect([...got.back]).toEqual([1, 1, 0, 1]);
});

test('the magnitude has no slope at 0', () => {
  const b = createBuilder();
  const x = b.input('x', [3]);
  const [g] = differentiate(b, o.sumAll(b, o.abs(b, x)), [x]);
  expect([...interpret(b.finish({ g }), { x: [-2, 0, 3] }).g]).toEqual([-1, 0, 1]);
});

test('softmax gives an entry of −∞ exactly 0, and a row of them zeros', () => {
  const b = createBuilder();
  const y = o.softmax(b, b.input('x', [2, 2]));
  const got = interpret(b.finish({ y }), { x: [5, -Infinity, -Infinity, -Infinity] }).y;
  expect([...got]).toEqual([1, 0, 0, 0]);
});

test('the targets that count are those in the vocabulary', () => {
  const b = createBuilder();
  const program = b.finish({ count: o.countTargets(b, b.input('targets', [5], 'i32'), 7) });
  expect(interpret(program, { targets: [0, 6, 7, -1, -100] }).count[0]).toBe(2);
});

// Random123's known answers for Philox 4x32-10.
const known: [number[], number[], string][] = [
  [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [[-1, -1, -1, -1], [-1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  ],
];
test('Philox gives the published known answers', () => {
  for (const [counter, key, words] of known) {
    const got = philox4x32(counter as [number, number, number, number], key as [number, number]);
    expect(got.map((word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(words);
  }
});

test('random bits depend on seed, step, lane and stream', () => {
  const draw = (counter: number[], stream: number) => {
    const bits = new Uint32Array(6);
    fillPhilox(bits, counter, stream);
    return bits.join();
  };
  const draws = [
    draw([1, 1, 0], 0),
    draw([2, 1, 0], 0),
    draw([1, 2, 0], 0),
    draw([1, 1, 1], 0),
    draw([1, 1, 0], 1),
  ];
  expect(new Set(draws).size).toBe(5);
});

test('dropout drops its share and keeps the mean', () => {
  const b = createBuilder();
  const x = b.input('x', [100, 100]);
  const y = b.apply('dropout', [x, b.input('counter', [3], 'u32')], { rate: 0.2, stream: 0 });
  const values = [
    ...interpret(b.finish({ y }), { x: new Array<number>(10000).fill(1), counter: [1, 2, 3] }).y,
  ];
  const dropped = values.filter((value) => value === 0).length;
  expect(dropped / 10000).toBeCloseTo(0.2, 1);
  expect(values.reduce((sum, value) => sum + value, 0) / 10000).toBeCloseTo(1, 1);
  expect(new Set(values)).toEqual(new Set([0, 1.25]));
});

test("AdamW's first step moves each weight by the learning rate and decays it", () => {
  const b = createBuilder();
  const inputs = ['p', 'g', 'm', 'v'].map((name) => b.input(name, [2]));
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
  const [p] = b.applyAll('adamw', [...inputs, b.input('scalars', [4])], options);
  const scalars = [0.1, 1 - 0.9, 1 - 0.999, 1]; // lr, 1 − β1, 1 − β2, scale
  const next = interpret(b.finish({ p }), { p: [1, -2], g: [0.3, -5], m: [0, 0], v: [0, 0], scalars }).p;
  // m̂ / √v̂ = ±1 at the first step, whatever the gradient's size.
  expect(next[0]).toBeCloseTo(1 - 0.1 * (1 + 0.01 * 1), 6);
  expect(next[1]).toBeCloseTo(-2 - 0.1 * (-1 + 0.01 * -2), 6);
});

test('GELU has its published values', () => {
  const b = createBuilder();
  const x = b.input('x', [3]);
  const exact = b.apply('gelu', [x], { approximate: false });
  const approximate = b.apply('gelu', [x], { approximate: true });
  const got = interpret(b.finish({ exact, approximate }), { x: [1, -1, 2] });
  [0.8413447, -0.1586553, 1.9544997].forEach((value, i) => expect(got.exact[i]).toBeCloseTo(value, 6));
  [0.841192, -0.158808, 1.9545977].forEach((value, i) => expect(got.approximate[i]).toBeCloseTo(value, 6));
});
