// Random programs with their gradients, from a seed: what no case thinks of, such as values that are read twice, views of
// views, and operations side by side that an executor may join.
import { createRandom } from '@gristmill/core';
import {
  createBuilder,
  differentiate,
  operations as o,
  sizeOf,
  type Builder,
  type Program,
  type Value,
} from '@gristmill/tensor';
import { integers } from './integers.ts';

interface Draw {
  /** An integer from 0 up to, not including, `end`. */
  below(end: number): number;
  of<T>(list: readonly T[]): T;
}

type Step = (b: Builder, x: Value, draw: Draw, pool: readonly Value[]) => Value;

/** Every step gives numbers of about the size of those it takes. */
const steps: readonly Step[] = [
  (b, x, draw) => draw.of([o.tanh, o.sin, o.negate, o.abs, o.silu, o.softmax])(b, atLeastVector(b, x)),
  (b, x, draw) => o.gelu(b, x, { approximate: draw.below(2) === 0 }),
  (b, x, draw, pool) => draw.of([o.add, o.subtract, o.maximum, o.minimum])(b, x, partner(x, draw, pool)),
  (b, x, draw, pool) => o.tanh(b, o.multiply(b, x, partner(x, draw, pool))),
  (b, x, draw, pool) => o.divide(b, x, o.add(b, o.abs(b, partner(x, draw, pool)), 1)),
  (b, x, draw) => o.multiply(b, x, draw.of([0.5, -1, 1.25])),
  (b, x) => o.reshape(b, x, [sizeOf(x.shape)]),
  (b, x) => o.reshape(b, x, [1, ...x.shape]),
  (b, x, draw) => {
    const [factor] = [2, 3].filter((n) => sizeOf(x.shape) % n === 0);
    return factor
      ? o.reshape(
          b,
          x,
          draw.of(
            [
              [factor, -1],
              [-1, factor],
            ].map((s) => solve(x, s)),
          ),
        )
      : x;
  },
  (b, x) => (x.shape.length < 2 ? x : o.transpose(b, x, x.shape.map((_, axis) => axis).toReversed())),
  (b, x, draw) => {
    if (x.shape.length === 0) return x;
    const axis = draw.below(x.shape.length);
    const from = draw.below(x.shape[axis]);
    const start = x.shape.map((_, i) => (i === axis ? from : 0));
    return o.slice(b, x, start, x.shape.with(axis, from + 1 + draw.below(x.shape[axis] - from)));
  },
  (b, x, draw) => (x.shape.length === 0 ? x : o.concat(b, [x, x], draw.below(x.shape.length))),
  (b, x, draw) => {
    if (x.shape.length === 0) return x;
    const axis = draw.below(x.shape.length);
    const total = draw.of([o.sum, o.max])(b, x, [axis]);
    return o.multiply(b, total, 1 / x.shape[axis]);
  },
  (b, x) => {
    const rows = asMatrix(b, x);
    return o.multiply(b, o.matmul(b, rows, rows, { transposeB: true }), 1 / rows.shape[1]);
  },
  (b, x) => {
    const rows = asMatrix(b, x);
    const width = rows.shape[1];
    return o.layerNorm(b, rows, o.constant(b, 1, [width]), o.constant(b, 0, [width]), 0.1);
  },
  (b, x, draw) => {
    const rows = asMatrix(b, x);
    const list = Array.from({ length: 3 }, () => draw.below(rows.shape[0] + 1) - 1);
    return o.gather(b, rows, integers(b, list));
  },
  (b, x) =>
    o.select(b, o.less(b, o.iota(b, [sizeOf(x.shape)], 0), 2), 0.5, o.reshape(b, x, [sizeOf(x.shape)])),
];

const atLeastVector = (b: Builder, x: Value) => (x.shape.length === 0 ? o.reshape(b, x, [1]) : x);

function asMatrix(b: Builder, x: Value): Value {
  const width = x.shape.at(-1) ?? 1;
  return o.reshape(b, x, [sizeOf(x.shape) / width, width]);
}

const solve = (x: Value, shape: readonly number[]) =>
  shape.map((n) => (n < 0 ? sizeOf(x.shape) / Math.max(...shape) : n));

/** Another value of the same shape, or x itself. */
function partner(x: Value, draw: Draw, pool: readonly Value[]): Value {
  return draw.of([x, ...pool.filter((one) => one.shape.join() === x.shape.join())]);
}

const most = 400; // elements of a value

export interface RandomProgram {
  readonly program: Program;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

export function drawProgram(seed: number): RandomProgram {
  const random = createRandom(seed);
  const below = (end: number) => Math.floor(random() * end);
  const draw: Draw = { below, of: (list) => list[below(list.length)] };
  const b = createBuilder();
  const shapes = Array.from({ length: 3 }, () => [1 + below(3), 1 + below(5), 1 + below(6)].slice(below(3)));
  const inputs = shapes.map((shape, i) => b.input(`x${i}`, shape));
  const pool: Value[] = [...inputs];
  for (let i = 0; i < 14; i++) {
    const next = draw.of(steps)(b, draw.of(pool.slice(-5)), draw, pool);
    if (sizeOf(next.shape) <= most && !pool.includes(next)) pool.push(next);
  }
  const ends = pool.slice(-3);
  const loss = ends.map((x) => o.sumAll(b, o.multiply(b, x, x))).reduce((sum, x) => o.add(b, sum, x));
  const gradients = differentiate(b, loss, inputs);
  const outputs = { loss, ...Object.fromEntries(ends.map((x, i) => [`y${i}`, x])) };
  const program = b.finish({ ...outputs, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) });
  const values = inputs.map(({ shape }, i) => [
    `x${i}`,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(4 * random() - 2)),
  ]);
  return { program, values: Object.fromEntries(values) as RandomProgram['values'] };
}
