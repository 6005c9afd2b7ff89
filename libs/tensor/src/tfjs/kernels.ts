// Primitives as operations of TensorFlow.js. Between operations a tensor may be smaller than its value's shape and stand
// for what broadcasting makes of it, since elementwise operations broadcast by themselves; `whole` makes it full.

import type * as Tfjs from '@tensorflow/tfjs-core';
import type { DType, Operation, Type } from '../program.ts';

export type Tf = Pick<typeof Tfjs, keyof typeof Tfjs>;
export type TfTensor = Tfjs.Tensor;

/** One operand: its tensor, which may be smaller than its type by numpy's rule. */
export interface Operand {
  readonly tensor: TfTensor;
  readonly type: Type;
}

/** Gives a tensor of its own, which may be smaller than the operation's output by numpy's rule. */
export type Kernel = (tf: Tf, inputs: readonly Operand[], operation: Operation) => TfTensor;

const dtypes: Readonly<Record<DType, 'float32' | 'int32' | 'bool' | undefined>> = {
  f32: 'float32',
  i32: 'int32',
  bool: 'bool',
  u32: undefined,
  bf16: undefined,
};

/** Undefined for a type that TensorFlow.js does not have. */
export const tfTypeOf = (dtype: DType) => dtypes[dtype];

/** The full tensor; the caller owns it. */
export function whole(tf: Tf, { tensor, type: { shape } }: Operand): TfTensor {
  const isFull = tensor.shape.length === shape.length && tensor.shape.every((n, axis) => n === shape[axis]);
  if (isFull) return tf.clone(tensor);
  if (tensor.dtype !== 'bool') return tf.broadcastTo(tensor, [...shape]);
  return tf.tidy(() => isTrue(tf, tf.broadcastTo(tf.cast(tensor, 'int32'), [...shape])));
}

type Numbers = readonly number[];
type Make = (tf: Tf, inputs: TfTensor[], operation: Operation) => TfTensor;

/** What broadcasts by itself takes tensors as they are. */
const elementwise =
  (make: Make): Kernel =>
  (tf, inputs, operation) =>
    make(
      tf,
      inputs.map(({ tensor }) => tensor),
      operation,
    );

/** Everything else takes full ones. */
const full =
  (make: Make): Kernel =>
  (tf, inputs, operation) =>
    tf.tidy(() =>
      make(
        tf,
        inputs.map((input) => whole(tf, input)),
        operation,
      ),
    );

const attribute = <T>({ attributes }: Operation, name: string) => attributes[name] as T;
const shapeOf = ({ outputs: [y] }: Operation) => [...y.shape];
const axesOf = (operation: Operation) => [...attribute<Numbers>(operation, 'axes')];
const same: Make = (tf, [x]) => tf.clone(x);

export const kernels: Readonly<Record<string, Kernel>> = {
  negate: elementwise((tf, [x]) => tf.neg(x)),
  abs: elementwise((tf, [x]) => tf.abs(x)),
  exp: elementwise((tf, [x]) => tf.exp(x)),
  log: elementwise((tf, [x]) => tf.log(x)),
  tanh: elementwise((tf, [x]) => tf.tanh(x)),
  erf: elementwise((tf, [x]) => tf.erf(x)),
  sqrt: elementwise((tf, [x]) => tf.sqrt(x)),
  rsqrt: elementwise((tf, [x]) => tf.rsqrt(x)),
  sin: elementwise((tf, [x]) => tf.sin(x)),
  cos: elementwise((tf, [x]) => tf.cos(x)),
  convert: elementwise(convert),
  stopGradient: elementwise(same),
  barrier: elementwise(same),
  broadcast: elementwise(same),
  add: elementwise((tf, [x, y]) => tf.add(x, y)),
  subtract: elementwise((tf, [x, y]) => tf.sub(x, y)),
  multiply: elementwise((tf, [x, y]) => tf.mul(x, y)),
  divide: elementwise((tf, [x, y]) => tf.div(x, y)),
  maximum: elementwise((tf, [x, y]) => tf.maximum(x, y)),
  minimum: elementwise((tf, [x, y]) => tf.minimum(x, y)),
  power: elementwise((tf, [x, y]) => tf.pow(x, y)),
  equal: elementwise((tf, [x, y]) => tf.equal(x, y)),
  less: elementwise((tf, [x, y]) => tf.less(x, y)),
  select: elementwise(select),
  constant: (tf, _, { attributes: { value }, outputs: [y] }) => tf.scalar(value as number, tfTypeOf(y.dtype)),
  literal: (tf, _, { attributes: { values } }) => tf.tensor1d(values as number[], 'float32'),
  iota: (tf, _, { attributes: { axis }, outputs: [y] }) => {
    const numbers = Int32Array.from({ length: y.shape[axis as number] }, (_, i) => i);
    const shape = y.shape.map((n, i) => (i === axis ? n : 1));
    return tf.tensor(numbers, shape, 'int32');
  },
  reshape: (tf, [x], operation) =>
    x.tensor.size === 1 ? tf.reshape(x.tensor, []) : reshapeWhole(tf, [x], operation),
  transpose: full((tf, [x], operation) => tf.transpose(x, [...attribute<Numbers>(operation, 'permutation')])),
  slice: full((tf, [x], operation) =>
    tf.slice(x, [...attribute<Numbers>(operation, 'start')], shapeOf(operation)),
  ),
  pad: full((tf, [x], operation) => {
    const after = attribute<Numbers>(operation, 'after');
    const pairs = attribute<Numbers>(operation, 'before').map((n, axis): [number, number] => [
      n,
      after[axis],
    ]);
    return x.rank === 0 ? tf.clone(x) : tf.pad(x, pairs);
  }),
  concat: full((tf, inputs, operation) =>
    inputs.length === 1 ? tf.clone(inputs[0]) : tf.concat(inputs, attribute<number>(operation, 'axis')),
  ),
  sum: full((tf, [x], operation) => tf.reshape(tf.sum(x, axesOf(operation)), shapeOf(operation))),
  max: full((tf, [x], operation) => tf.reshape(tf.max(x, axesOf(operation)), shapeOf(operation))),
  argMax: full((tf, [x], operation) => tf.reshape(tf.argMax(x, x.rank - 1), shapeOf(operation))),
  matmul: full(multiplyMatrices),
  gather: full((tf, [table, indices], operation) => {
    const rows = tf.reshape(indices, [-1]);
    const inside = tf.reshape(isInside(tf, rows, table.shape[0]), [-1, 1]);
    const read = tf.gather(table as Tfjs.Tensor2D, clampTo(tf, rows, table.shape[0]));
    return tf.reshape(tf.where(inside, read, tf.zerosLike(read)), shapeOf(operation));
  }),
  scatterAdd: full((tf, [table, indices, rows]) => {
    const [count, width] = table.shape;
    const at = tf.reshape(indices, [-1]);
    // What lies outside is added to a row that is cut off.
    const kept = tf.where(isInside(tf, at, count), at, tf.scalar(count, 'int32'));
    const updates = tf.reshape(rows, [-1, width]);
    const added = tf.scatterND(tf.reshape(kept, [-1, 1]), updates, [count + 1, width]);
    return tf.add(table, tf.slice(added, [0, 0], [count, width]));
  }),
};

const reshapeWhole = full((tf, [x], operation) => tf.reshape(x, shapeOf(operation)));

function convert(tf: Tf, [x]: TfTensor[], { inputs: [from], outputs: [to] }: Operation): TfTensor {
  if (to.dtype !== 'bool') return tf.cast(x, tfTypeOf(to.dtype)!);
  return from.dtype === 'bool' ? tf.clone(x) : tf.tidy(() => isTrue(tf, x));
}

const isTrue = (tf: Tf, x: TfTensor) => tf.notEqual(x, tf.scalar(0, x.dtype));

/** Their wasm kernel reads words, which a bool's bytes are not. */
function select(tf: Tf, [condition, x, y]: TfTensor[]): TfTensor {
  if (x.dtype !== 'bool') return tf.where(condition, x, y);
  return tf.tidy(() => tf.logicalOr(tf.logicalAnd(condition, x), tf.logicalAnd(tf.logicalNot(condition), y)));
}

function multiplyMatrices(tf: Tf, [a, b]: TfTensor[], operation: Operation): TfTensor {
  const flat = (x: TfTensor) => (x.rank > 3 ? tf.reshape(x, [-1, ...x.shape.slice(-2)]) : x);
  const [transposeA, transposeB] = ['transposeA', 'transposeB'].map((name) =>
    attribute<boolean>(operation, name),
  );
  const product = tf.matMul(flat(a) as Tfjs.Tensor3D, flat(b) as Tfjs.Tensor3D, transposeA, transposeB);
  return tf.reshape(product as TfTensor, shapeOf(operation));
}

function isInside(tf: Tf, indices: TfTensor, rows: number): TfTensor {
  return tf.logicalAnd(
    tf.greaterEqual(indices, tf.scalar(0, 'int32')),
    tf.less(indices, tf.scalar(rows, 'int32')),
  );
}

function clampTo(tf: Tf, indices: TfTensor, rows: number): Tfjs.Tensor1D {
  return tf.minimum(tf.maximum(indices, tf.scalar(0, 'int32')), tf.scalar(rows - 1, 'int32'));
}

/** Whether this machine's numbers are enough, or the reference must compute: unsigned numbers, 32-bit products. */
export function needsHost({ name, inputs, outputs }: Operation): boolean {
  const types = [...inputs, ...outputs].map(({ dtype }) => dtype);
  if (types.includes('u32') || !Object.hasOwn(kernels, name)) return true;
  // Theirs round quotients down, and products of large integers pass through floats.
  return types.every((dtype) => dtype === 'i32') && ['multiply', 'divide', 'power'].includes(name);
}
