import { expect, test } from 'vitest';
import { createBuilder, differentiate, interpret, operations as o } from '@gristmill/tensor';
import { byName, cases, drawInputs, relativeError, type Case } from './cases.ts';

/** loss = Σ y · w with fixed w, so that every element of the gradient counts. */
function buildLoss(of: Case) {
  const b = createBuilder();
  const inputs = of.inputs.map(({ shape }, i) => b.input(`x${i}`, shape));
  const y = of.build(b, inputs);
  const weights = o.sin(b, o.convert(b, o.iota(b, [y.shape.reduce((a, n) => a * n, 1)], 0), 'f32'));
  const loss = o.sumAll(b, o.multiply(b, y, o.reshape(b, weights, y.shape)));
  const gradients = differentiate(b, loss, inputs);
  return b.finish({ loss, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) });
}

function centralDifferences(
  loss: (values: number[][]) => number,
  values: number[][],
  input: number,
): number[] {
  const step = 1e-5;
  return values[input].map((value, i) => {
    const moved = (by: number) => values.map((row, j) => (j === input ? row.with(i, value + by) : row));
    return (loss(moved(step)) - loss(moved(-step))) / (2 * step);
  });
}

for (const one of cases) {
  test(`the gradient of ${one.name} is what central differences give`, () => {
    const program = buildLoss(one);
    const values = drawInputs(one, 11);
    const results = interpret(program, byName(values));
    const loss = (moved: number[][]) => interpret(program, byName(moved)).loss[0];
    values.forEach((_, i) => {
      expect(relativeError(results[`g${i}`], centralDifferences(loss, values, i))).toBeLessThan(1e-7);
    });
  });
}

test('a parameter on which the loss does not depend has a gradient of zeros', () => {
  const b = createBuilder();
  const [x, y] = [b.input('x', [2]), b.input('y', [3])];
  const [, dy] = differentiate(b, o.sumAll(b, x), [x, y]);
  expect([...interpret(b.finish({ dy }), { x: [1, 2], y: [1, 2, 3] }).dy]).toEqual([0, 0, 0]);
});

test('nothing passes back through stopGradient', () => {
  const b = createBuilder();
  const x = b.input('x', []);
  const [dx] = differentiate(b, o.multiply(b, x, o.stopGradient(b, x)), [x]);
  expect(interpret(b.finish({ dx }), { x: [3] }).dx[0]).toBe(3);
});

test('a table that is read twice gathers both gradients', () => {
  const b = createBuilder();
  const table = b.input('table', [3, 1]);
  const rows = o.gather(b, table, o.iota(b, [2], 0));
  const again = o.gather(b, table, o.convert(b, o.constant(b, 1, [1]), 'i32'));
  const [g] = differentiate(b, o.add(b, o.sumAll(b, rows), o.sumAll(b, o.multiply(b, again, 10))), [table]);
  expect([...interpret(b.finish({ g }), { table: [0, 0, 0] }).g]).toEqual([1, 11, 0]);
});

test('only a scalar is differentiated', () => {
  const b = createBuilder();
  const x = b.input('x', [2]);
  expect(() => differentiate(b, x, [x])).toThrow(/scalar/);
});
