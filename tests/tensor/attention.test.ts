import { expect, test } from 'vitest';
import { createBuilder, differentiate, interpret, operations as o } from '@gristmill/tensor';

function build(options: Parameters<typeof o.attention>[4], [queries, keys] = [3, 3]) {
  const b = createBuilder();
  const q = b.input('q', [1, queries, 1, 2]);
  const [k, v] = [b.input('k', [1, keys, 1, 2]), b.input('v', [1, keys, 1, 2])];
  return { b, inputs: [q, k, v], ...o.attention(b, q, k, v, options) };
}

test('an entry that is masked weighs exactly 0, whatever its score', () => {
  const { b, y, logSumExp } = build({ causal: true, scale: 1 }, [2, 2]);
  const values = { q: [1, 0, 1, 0], k: [-1000, 0, 5000, 0], v: [1, 2, Infinity, 7] };
  const got = interpret(b.finish({ y, logSumExp }), { ...values, v: [1, 2, 1e300, 7] });
  expect([...got.y.slice(0, 2)]).toEqual([1, 2]);
  expect(got.logSumExp[0]).toBe(-1000);
});

test('a query that sees nothing gives zeros and passes nothing back', () => {
  const b = createBuilder();
  const [q, k, v] = ['q', 'k', 'v'].map((name) => b.input(name, [1, 2, 1, 2]));
  const segments = [b.input('own', [1, 2], 'i32'), b.input('others', [1, 2], 'i32')] as const;
  const { y, logSumExp } = o.attention(b, q, k, v, { segments });
  const [dq, dk] = differentiate(b, o.sumAll(b, o.multiply(b, y, y)), [q, k]);
  const program = b.finish({ y, logSumExp, dq, dk });
  const ones = [1, 2, 3, 4];
  const got = interpret(program, { q: ones, k: ones, v: ones, own: [1, 5], others: [1, 1] });
  expect([...got.y.slice(2)]).toEqual([0, 0]);
  expect(got.logSumExp[1]).toBe(-Infinity);
  expect([...got.dq.slice(2)]).toEqual([0, 0]);
  expect([...got.dk].every(Number.isFinite)).toBe(true);
});

test('a bias of −∞ hides as a mask does, and a row of it gives zeros', () => {
  const { b, y, logSumExp } = (() => {
    const builder = createBuilder();
    const [q, k, v] = ['q', 'k', 'v'].map((name) => builder.input(name, [1, 2, 1, 2]));
    const bias = builder.input('bias', [1, 2, 2]);
    return { b: builder, ...o.attention(builder, q, k, v, { bias }) };
  })();
  const ones = [1, 2, 3, 4];
  const bias = [0, -Infinity, -Infinity, -Infinity];
  const got = interpret(b.finish({ y, logSumExp }), { q: ones, k: ones, v: ones, bias });
  expect([...got.y]).toEqual([1, 2, 0, 0]);
  expect(got.logSumExp[1]).toBe(-Infinity);
});

test('a query at an offset gives what it gives in the whole sequence', () => {
  const numbers = (count: number, of: number) => Array.from({ length: count }, (_, i) => Math.sin(of + i));
  const [q, k, v] = [numbers(10, 0), numbers(10, 3), numbers(10, 7)];
  const whole = build({ causal: true, window: 3 }, [5, 5]);
  const expected = interpret(whole.b.finish({ y: whole.y }), { q, k, v }).y;
  const b = createBuilder();
  const step = b.input('q', [1, 2, 1, 2]);
  const [keys, values] = [b.input('k', [1, 5, 1, 2]), b.input('v', [1, 5, 1, 2])];
  const queryOffset = b.input('offset', [], 'i32');
  const { y } = o.attention(b, step, keys, values, { causal: true, window: 3, queryOffset });
  const got = interpret(b.finish({ y }), { q: q.slice(6), k, v, offset: [3] }).y;
  expect([...got]).toEqual([...expected.slice(6)]);
});

test('inputs that do not fit are refused with what was expected', () => {
  const b = createBuilder();
  const q = b.input('q', [2, 3, 4, 8]);
  const k = b.input('k', [2, 5, 3, 8]);
  const fits = b.input('fits', [2, 5, 2, 8]);
  expect(() => o.attention(b, q, k, k)).toThrow('attention: 3 key heads do not divide 4 heads');
  expect(() => o.attention(b, q, fits, k)).toThrow('k and v do not fit q');
  expect(() => o.attention(b, q, fits, fits, { bias: b.input('bias', [2, 3, 5]) })).toThrow(/bias/);
  const segments = [b.input('s', [2, 3], 'i32'), b.input('t', [2, 3], 'i32')] as const;
  expect(() => o.attention(b, q, fits, fits, { segments })).toThrow('segments i32[B, Tq] and i32[B, Tk]');
  expect(() => o.attention(b, q, fits, fits, { queryOffset: b.input('p', [3], 'i32') })).toThrow(/offset/);
});
