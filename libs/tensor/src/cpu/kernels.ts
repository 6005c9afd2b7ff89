// Which operations the cpu executor runs natively, and what the planner must know of each. A primitive without a
// kernel of its own runs by the reference on views of the memory: right, but slow.

import { evaluatePrimitive, type Data } from '../reference-primitives.ts';
import { sameShape, sizeOf, type DType, type Operation, type Value } from '../program.ts';
import { matrixKernels } from './matrix-kernels.ts';
import type { SharedMemory, Wasm } from './wasm.ts';

/** What a kernel is linked with on a thread: addresses of values, the kernels, views of the memory. */
export interface Linkage {
  readonly wasm: Wasm;
  readonly memory: SharedMemory;
  /** Byte address of a value. */
  at(value: Value): number;
  /** Scratch of `temporaryBytes`, address in bytes. */
  readonly temporary: number;
  /** Scratch of the matrix product, one per thread. */
  readonly scratch: number;
  readonly destroys: boolean;
}

export interface Kernel {
  /** Inputs whose place output 0 may take over: read and written element by element. */
  readonly sharesPlaceOf?: readonly number[];
  /** All outputs are read and written element by element, so they may lie where inputs lie. */
  readonly isElementwise?: boolean;
  /** Output 0 is input 0 under another shape: nothing is computed. */
  readonly isView?: boolean;
  /** An input that the kernel may use as scratch when nobody reads it later. */
  readonly destroys?: number;
  temporaryBytes?(operation: Operation, destroys: boolean): number;
  /** Everything is resolved here; the function returned is called once a step. */
  link(operation: Operation, linkage: Linkage): () => void;
}

/** Is there a kernel for this operation? For composites: otherwise it is expanded. */
export function isNative(operation: Operation): boolean {
  return selectKernel(operation) !== undefined;
}

export function findKernel(operation: Operation): Kernel {
  return selectKernel(operation) ?? referenceKernel(operation);
}

function selectKernel(operation: Operation): Kernel | undefined {
  const { name, attributes, outputs, inputs } = operation;
  if (name === 'sum') return sumKernel(operation);
  if (name === 'broadcast') return repeatsWhole(operation) ? repeat : undefined;
  if ((name === 'gelu' || name === 'geluBackward') && !attributes.approximate) return undefined;
  if (binaryNames.has(name) || unaryNames.has(name))
    return outputs[0].dtype === 'f32' ? elementwise(inputs.length) : undefined;
  return native[name] ?? matrixKernels[name];
}

const binaryNames = new Set(['add', 'subtract', 'multiply', 'divide', 'geluBackward']);
const unaryNames = new Set(['negate', 'exp', 'sqrt', 'rsqrt', 'gelu']);

const elementwise = (count: number): Kernel => ({
  sharesPlaceOf: count === 2 ? [0, 1] : [0],
  isElementwise: true,
  link: ({ name, inputs, outputs: [y] }, { wasm, at }) => {
    const [n, out] = [sizeOf(y.shape), at(y)];
    const [a, b] = inputs.map(at);
    const kernel = wasm[name];
    return inputs.length === 2 ? () => kernel(n, a, b, out) : () => kernel(n, a, out);
  },
});

const withScalar: Kernel = { ...elementwise(2), sharesPlaceOf: [0] };
const view: Kernel = { isView: true, sharesPlaceOf: [0], link: () => () => {} };
const rowsOf = ({ shape }: Value): [number, number] => [
  sizeOf(shape) / (shape.at(-1) as number),
  shape.at(-1) as number,
];

const native: Readonly<Record<string, Kernel>> = {
  reshape: view,
  stopGradient: view,
  addScalar: withScalar,
  subtractScalar: withScalar,
  multiplyScalar: withScalar,
  divideScalar: withScalar,
  adamw: {
    sharesPlaceOf: [0],
    isElementwise: true,
    link: ({ inputs, outputs, attributes }, { wasm, at }) => {
      const { beta1, beta2, epsilon, weightDecay } = attributes as Record<string, number>;
      const addresses = [...inputs, ...outputs].map(at);
      const n = sizeOf(outputs[0].shape);
      return () => void wasm.adamw(n, ...addresses, beta1, beta2, epsilon, weightDecay);
    },
  },
  sumSquares: {
    link: ({ inputs: [x], outputs: [y] }, { wasm, at }) => {
      const [n, from, to] = [sizeOf(x.shape), at(x), at(y)];
      return () => void wasm.sumSquares(n, from, to);
    },
  },
  dropout: {
    sharesPlaceOf: [0],
    link: ({ inputs: [x, counter], outputs: [y], attributes }, { wasm, at }) => {
      const { rate, stream } = attributes as Record<string, number>;
      const threshold = Math.floor(rate * 2 ** 32) | 0;
      const [n, from, key, to] = [sizeOf(x.shape), at(x), at(counter), at(y)];
      return () => void wasm.dropout(n, from, key, to, stream, threshold, 1 / (1 - rate));
    },
  },
  layerNorm: {
    link: ({ inputs, outputs, attributes }, { wasm, at }) => {
      const [rows, width] = rowsOf(inputs[0]);
      const addresses = [...inputs, ...outputs].map(at);
      return () => void wasm.layerNorm(rows, width, ...addresses, attributes.epsilon as number);
    },
  },
  layerNormBackward: {
    sharesPlaceOf: [0],
    link: ({ inputs, outputs }, { wasm, at }) => {
      const [rows, width] = rowsOf(inputs[0]);
      const addresses = [...inputs, ...outputs].map(at);
      return () => void wasm.layerNormBackward(rows, width, ...addresses);
    },
  },
  gather: {
    link: ({ inputs: [table, indices], outputs: [y] }, { wasm, at }) => {
      const [vocabSize, width] = table.shape;
      const args = [sizeOf(indices.shape), width, vocabSize, at(table), at(indices), at(y)];
      return () => void wasm.gather(...args);
    },
  },
  scatterAdd: {
    sharesPlaceOf: [0],
    link: ({ inputs: [table, indices, rows], outputs: [y] }, { wasm, memory, at }) => {
      const [vocabSize, width] = table.shape;
      const [from, to, bytes] = [at(table), at(y), sizeOf(table.shape) * 4];
      const all = new Uint8Array(memory.buffer);
      const args = [sizeOf(indices.shape), width, vocabSize, to, at(indices), at(rows)];
      return () => {
        if (from !== to) all.copyWithin(to, from, from + bytes);
        wasm.scatterAdd(...args);
      };
    },
  },
};

// Sums over leading axes and over trailing axes; anything between is left to the reference.
function sumKernel({ inputs: [x], attributes, outputs }: Operation): Kernel | undefined {
  const axes = (attributes.axes as number[]).toSorted((a, b) => a - b);
  const leading = axes.every((axis, i) => axis === i);
  const trailing = axes.every((axis, i) => axis === x.shape.length - axes.length + i);
  if (outputs[0].dtype !== 'f32' || (!leading && !trailing)) return undefined;
  const reduced = axes.reduce((size, axis) => size * x.shape[axis], 1);
  const kept = sizeOf(x.shape) / reduced;
  return {
    link: (_, { wasm, at }) => {
      const [from, to] = [at(x), at(outputs[0])];
      return trailing
        ? () => void wasm.sumColumns(kept, reduced, from, to)
        : () => void wasm.sumRows(reduced, kept, from, to);
    },
  };
}

/** A broadcast that repeats its input as a whole along new leading axes. */
function repeatsWhole({ inputs: [x], outputs: [y] }: Operation): boolean {
  const shape = x.shape.slice(x.shape.findIndex((length) => length !== 1));
  return sizeOf(x.shape) > 1 && sameShape(shape, y.shape.slice(y.shape.length - shape.length));
}

const repeat: Kernel = {
  link: ({ inputs: [x], outputs: [y] }, { memory, at }) => {
    const [from, to, bytes, total] = [at(x), at(y), sizeOf(x.shape) * 4, sizeOf(y.shape) * 4];
    const all = new Uint8Array(memory.buffer);
    return () => {
      for (let offset = 0; offset < total; offset += bytes) all.copyWithin(to + offset, from, from + bytes);
    };
  },
};

const elementwisePrimitives = new Set(
  'convert abs log tanh erf sin cos maximum minimum power equal less negate exp sqrt rsqrt'.split(' '),
);

function referenceKernel({ name }: Operation): Kernel {
  return {
    sharesPlaceOf: elementwisePrimitives.has(name) ? [0] : [],
    link: (operation, { memory, at }) => {
      const inputs = operation.inputs.map((value) => viewOf(memory, at(value), value));
      const output = viewOf(memory, at(operation.outputs[0]), operation.outputs[0]);
      return () => evaluatePrimitive(operation, inputs, output);
    },
  };
}

const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, bool: Int32Array };

/** The elements of a value in memory; all types take four bytes. */
export function viewOf(
  memory: SharedMemory,
  address: number,
  { shape, dtype }: { shape: readonly number[]; dtype: DType },
): Data {
  // The arrays of this executor always lie in shared memory; the reference's type does not say so.
  return new arrays[dtype](memory.buffer as unknown as ArrayBuffer, address, sizeOf(shape));
}
