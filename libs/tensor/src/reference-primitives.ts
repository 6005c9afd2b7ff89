// Every primitive on plain arrays: what it means, one by one. The cpu executor also runs its rare primitives here.

import { fillPhilox } from './philox.ts';
import { sizeOf, type Attributes, type Operation, type Value } from './program.ts';
import { copyStrided, stridesOf } from './strided.ts';

export type Data = Float64Array | Float32Array | Int32Array | Uint32Array;

type Evaluate = (operation: Operation, inputs: readonly Data[], out: Data) => void;

/** Computes a primitive into `out`, which may be the array of an input for elementwise ones. */
export function evaluatePrimitive(operation: Operation, inputs: readonly Data[], out: Data): void {
  const { name } = operation;
  if (Object.hasOwn(unary, name)) mapUnary(unary[name], inputs[0], out);
  else if (Object.hasOwn(binary, name)) mapBinary(binary[name], inputs, out);
  else if (Object.hasOwn(others, name)) others[name](operation, inputs, out);
  else throw new TypeError(`${name} is no primitive`);
}

const identity = (x: number) => x;
const unary: Record<string, (x: number) => number> = {
  convert: identity, // storing truncates to integers; bool sources are 0 or 1 already
  stopGradient: identity,
  reshape: identity,
  negate: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  erf,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  cos: Math.cos,
};

const binary: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  power: Math.pow,
  equal: (x, y) => (x === y ? 1 : 0),
  less: (x, y) => (x < y ? 1 : 0),
};

function mapUnary(f: (x: number) => number, x: Data, out: Data): void {
  for (let i = 0; i < out.length; i++) out[i] = f(x[i]);
}

function mapBinary(f: (x: number, y: number) => number, [x, y]: readonly Data[], out: Data): void {
  for (let i = 0; i < out.length; i++) out[i] = f(x[i], y[i]);
}

const others: Record<string, Evaluate> = {
  constant: ({ attributes }, _, out) => out.fill(attributes.value as number),
  iota: ({ outputs: [{ shape }], attributes }, _, out) => {
    const axis = attributes.axis as number;
    const stride = stridesOf(shape)[axis];
    for (let i = 0; i < out.length; i++) out[i] = Math.floor(i / stride) % shape[axis];
  },
  philox: ({ attributes }, [counter], out) =>
    fillPhilox(out as Uint32Array, counter, attributes.stream as number),
  select: (_, [condition, x, y], out) => {
    for (let i = 0; i < out.length; i++) out[i] = condition[i] ? x[i] : y[i];
  },
  transpose: ({ inputs: [x], outputs: [y], attributes }, [from], out) => {
    const strides = stridesOf(x.shape);
    const permuted = (attributes.permutation as number[]).map((axis) => strides[axis]);
    copyStrided({ data: from, strides: permuted }, { data: out, strides: stridesOf(y.shape) }, y.shape);
  },
  broadcast: ({ inputs: [x], outputs: [y] }, [from], out) => {
    copyStrided({ data: from, strides: broadcastStrides(x.shape, y.shape) }, whole(out, y), y.shape);
  },
  slice: ({ inputs: [x], outputs: [y], attributes }, [from], out) => {
    copyStrided(
      { ...whole(from, x), offset: offsetOf(x, attributes.start as number[]) },
      whole(out, y),
      y.shape,
    );
  },
  pad: ({ inputs: [x], outputs: [y], attributes }, [from], out) => {
    out.fill(0);
    copyStrided(
      whole(from, x),
      { ...whole(out, y), offset: offsetOf(y, attributes.before as number[]) },
      x.shape,
    );
  },
  concat: ({ inputs, outputs: [y], attributes }, data, out) => {
    const axis = attributes.axis as number;
    let at = 0;
    inputs.forEach((input, i) => {
      copyStrided(
        whole(data[i], input),
        { ...whole(out, y), offset: at * stridesOf(y.shape)[axis] },
        input.shape,
      );
      at += input.shape[axis];
    });
  },
  sum: (operation, [x], out) => reduce(operation, x, out, 0, (total, value) => total + value),
  max: (operation, [x], out) => reduce(operation, x, out, -Infinity, Math.max),
  argMax: ({ inputs: [x] }, [data], out) => {
    const width = x.shape.at(-1) as number;
    for (let row = 0; row < out.length; row++) {
      let best = 0;
      for (let i = 1; i < width; i++) if (data[row * width + i] > data[row * width + best]) best = i;
      out[row] = best;
    }
  },
  matmul: multiplyMatrices,
  gather: ({ inputs: [table] }, [data, indices], out) => {
    const width = table.shape[1];
    indices.forEach((index, i) => {
      for (let c = 0; c < width; c++) out[i * width + c] = data[checkIndex(index, table) * width + c];
    });
  },
  scatterAdd: ({ inputs: [table] }, [data, indices, rows], out) => {
    const width = table.shape[1];
    if (out !== data) out.set(data);
    indices.forEach((index, i) => {
      for (let c = 0; c < width; c++) out[checkIndex(index, table) * width + c] += rows[i * width + c];
    });
  },
};

function checkIndex(index: number, table: Value): number {
  if (index >= 0 && index < table.shape[0]) return index;
  throw new RangeError(`index ${index} lies outside a table of ${table.shape[0]} rows`);
}

const whole = (data: Data, { shape }: Value) => ({ data, strides: stridesOf(shape) });

function offsetOf({ shape }: Value, start: readonly number[]): number {
  const strides = stridesOf(shape);
  return start.reduce((offset, from, axis) => offset + from * strides[axis], 0);
}

function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  const shift = to.length - from.length;
  return to.map((_, axis) => (axis < shift || from[axis - shift] === 1 ? 0 : strides[axis - shift]));
}

function reduce(
  { inputs: [x], outputs: [y] }: Operation,
  data: Data,
  out: Data,
  start: number,
  combine: (sofar: number, value: number) => number,
): void {
  // In double precision whatever the data: the reference should not be the one that loses digits.
  const totals = new Float64Array(out.length).fill(start);
  const target = broadcastStrides(y.shape, x.shape);
  const index = new Float64Array(sizeOf(x.shape));
  copyStrided({ data: Float64Array.from(totals.keys()), strides: target }, whole(index, x), x.shape);
  for (let i = 0; i < data.length; i++) totals[index[i]] = combine(totals[index[i]], data[i]);
  out.set(totals);
}

function multiplyMatrices(
  { outputs: [c], inputs: [{ shape }], attributes }: Operation,
  data: readonly Data[],
  out: Data,
) {
  const [x, y] = data;
  const [m, n] = c.shape.slice(-2);
  const k = shape.at(attributes.transposeA ? -2 : -1) as number;
  const [xRow, xColumn] = stepsOf(attributes, 'transposeA', m, k);
  const [yRow, yColumn] = stepsOf(attributes, 'transposeB', k, n);
  for (let batch = 0; batch < out.length / (m * n); batch++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let p = 0; p < k; p++)
          total += x[batch * m * k + i * xRow + p * xColumn] * y[batch * k * n + p * yRow + j * yColumn];
        out[(batch * m + i) * n + j] = total;
      }
}

/** Distance between rows and between columns of a matrix [rows, columns] that may be stored transposed. */
function stepsOf(
  attributes: Attributes,
  transposed: string,
  rows: number,
  columns: number,
): [number, number] {
  return attributes[transposed] ? [1, rows] : [columns, 1];
}

/** erf by the series 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > Math.abs(total) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}
