// Which operations the cpu executor runs natively. A primitive without a kernel of its own runs by the reference on
// views of the memory, on one thread: right, but slow.

import { dropThreshold } from '../composites/dropout.ts';
import type { Data } from '../data.ts';
import { evaluatePrimitive } from '../reference-primitives.ts';
import { sameShape, sizeOf, type DType, type Operation, type Value } from '../program.ts';
import { attention, attentionBackward } from './attention-kernels.ts';
import { crossEntropy, crossEntropyBackward, crossEntropyBackwardOfBias } from './cross-entropy-kernels.ts';
import { elementGrain, once, overRanges, type Kernel, type Linkage, type Pointer } from './kernel.ts';
import { matrixKernels } from './matrix-kernels.ts';
import { moveKernels } from './move-kernels.ts';
import { rowKernels } from './row-kernels.ts';
import type { SharedMemory } from './wasm.ts';

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
  if (name === 'concat') return joinsWhole(operation) ? join : moveKernels.concat;
  if (name === 'slice') return cutsWhole(operation) ? cut : moveKernels.slice;
  if (name === 'convert') return inputs[0].dtype === outputs[0].dtype ? copied : undefined;
  if (name === 'crossEntropyBackward' && outputs.length === 3) return crossEntropyBackwardOfBias;
  if (name === 'attentionBackward' && attributes.wantsBias && sharesBias(operation)) return undefined;
  if (binaryNames.has(name) || unaryNames.has(name))
    return outputs[0].dtype === 'f32' ? elementwise(inputs.length) : undefined;
  return native[name];
}

/** One bias for all heads: its gradient is a sum over them, left to the primitives. */
const sharesBias = ({ outputs }: Operation) => outputs[3].shape[0] === 1;

const binaryNames = new Set(
  'add subtract multiply divide geluBackward reluBackward squaredReluBackward swiglu'.split(' '),
);
const unaryNames = new Set('negate exp sqrt rsqrt gelu relu silu squaredRelu'.split(' '));
const exact: Readonly<Record<string, string>> = { gelu: 'geluErf', geluBackward: 'geluErfBackward' };

const elementwise = (count: number): Kernel => ({
  takesOver: [count === 2 ? [0, 1] : [0]],
  isElementwise: true,
  link: ({ name, inputs, outputs: [y], attributes }, { wasm, threads, at }) => {
    const [a, b] = inputs.map(at);
    const out = at(y);
    const kernel = wasm[attributes.approximate === false ? exact[name] : name];
    const division = { threads, grain: elementGrain, unit: 16 };
    return overRanges(
      sizeOf(y.shape),
      division,
      inputs.length === 2
        ? (from, to) => kernel(to - from, a.address + from * 4, b.address + from * 4, out.address + from * 4)
        : (from, to) => kernel(to - from, a.address + from * 4, out.address + from * 4),
    );
  },
});

/** The second operand is one number in memory. */
const withScalar: Kernel = {
  takesOver: [[0]],
  isElementwise: true,
  link: ({ name, inputs, outputs: [y] }, { wasm, threads, at }) => {
    const [a, b] = inputs.map(at);
    const out = at(y);
    return overRanges(sizeOf(y.shape), { threads, grain: elementGrain, unit: 16 }, (from, to) =>
      wasm[name](to - from, a.address + from * 4, b.address, out.address + from * 4),
    );
  },
};

const copied: Kernel = {
  link: ({ inputs: [x], outputs: [y] }, { wasm, threads, at }) => {
    const [from, to] = [at(x), at(y)];
    return overRanges(sizeOf(y.shape), { threads, grain: elementGrain, unit: 16 }, (first, end) =>
      wasm.copy(from.address + first * 4, to.address + first * 4, (end - first) * 4),
    );
  },
};

const view: Kernel = { isView: true, takesOver: [[0]], link: () => [] };

const squaresTile = 65_536; // elements whose squares are summed in one go; fixed, so that the order is

const native: Readonly<Record<string, Kernel>> = {
  ...matrixKernels,
  ...rowKernels,
  pad: moveKernels.pad,
  transpose: moveKernels.transpose,
  dynamicSlice: moveKernels.dynamicSlice,
  dynamicUpdateSlice: moveKernels.dynamicUpdateSlice,
  attention,
  attentionBackward,
  crossEntropy,
  crossEntropyBackward,
  reshape: view,
  stopGradient: view,
  barrier: view,
  addScalar: withScalar,
  subtractScalar: withScalar,
  multiplyScalar: withScalar,
  divideScalar: withScalar,
  adamw: {
    takesOver: [[0], [2], [3]],
    isElementwise: true,
    link: ({ inputs, outputs, attributes }, { wasm, threads, at }) => {
      const { beta1, beta2, epsilon, weightDecay } = attributes as Record<string, number>;
      const [p, g, m, v, scalars] = inputs.map(at);
      const [newP, newM, newV] = outputs.map(at);
      const division = { threads, grain: elementGrain, unit: 16 };
      return overRanges(sizeOf(outputs[0].shape), division, (from, to) => {
        const offset = from * 4;
        const [a, b, c, d] = [p, g, m, v].map(({ address }) => address + offset);
        const [e, f, h] = [newP, newM, newV].map(({ address }) => address + offset);
        wasm.adamw(to - from, a, b, c, d, scalars.address, e, f, h, beta1, beta2, epsilon, weightDecay);
      });
    },
  },
  swigluBackward: {
    takesOver: [
      [0, 1, 2],
      [0, 1, 2],
    ],
    isElementwise: true,
    link: ({ inputs, outputs }, { wasm, threads, at }) => {
      const pointers = [...inputs, ...outputs].map(at);
      return overRanges(sizeOf(inputs[0].shape), { threads, grain: elementGrain, unit: 16 }, (from, to) =>
        wasm.swigluBackward(to - from, ...pointers.map(({ address }) => address + from * 4)),
      );
    },
  },
  sumSquares: {
    temporaryBytes: ({ inputs: [x] }) => Math.ceil(sizeOf(x.shape) / squaresTile) * 8,
    link: ({ inputs: [x], outputs: [y] }, { wasm, at, temporary }) => {
      const n = sizeOf(x.shape);
      const tiles = Math.ceil(n / squaresTile);
      const [from, to] = [at(x), at(y)];
      const sumTile = (tile: number) => {
        const start = tile * squaresTile;
        const size = Math.min(squaresTile, n - start);
        wasm.sumSquares(size, from.address + start * 4, temporary.address + tile * 8);
      };
      return [
        { tasks: tiles, run: sumTile },
        once(() => void wasm.sumDoubles(tiles, temporary.address, to.address)),
      ];
    },
  },
  dropout: {
    takesOver: [[0]],
    link: ({ inputs: [x, counter], outputs: [y], attributes }, { wasm, threads, at }) => {
      const { rate, stream } = attributes as Record<string, number>;
      const threshold = dropThreshold(rate) | 0;
      const [from, key, to] = [at(x), at(counter), at(y)];
      return overRanges(sizeOf(x.shape), { threads, grain: elementGrain / 4, unit: 16 }, (first, end) => {
        const [source, target] = [from.address + first * 4, to.address + first * 4];
        const scale = 1 / (1 - rate);
        wasm.dropout(end - first, first / 4, source, key.address, target, stream, threshold, scale);
      });
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
    link: (_, { wasm, threads, at }) => {
      const [from, to] = [at(x), at(outputs[0])];
      if (trailing)
        return overRanges(kept, { threads, grain: Math.ceil(elementGrain / reduced) }, (first, end) =>
          wasm.sumColumns(end - first, reduced, from.address + first * reduced * 4, to.address + first * 4),
        );
      const grain = Math.max(64, Math.ceil(elementGrain / reduced));
      return overRanges(kept, { threads, grain, unit: 16 }, (first, end) =>
        wasm.sumRows(reduced, end - first, kept, from.address + first * 4, to.address + first * 4),
      );
    },
  };
}

/** A broadcast that repeats its input as a whole along new leading axes. */
function repeatsWhole({ inputs: [x], outputs: [y] }: Operation): boolean {
  const shape = x.shape.slice(x.shape.findIndex((length) => length !== 1));
  return sizeOf(x.shape) > 1 && sameShape(shape, y.shape.slice(y.shape.length - shape.length));
}

const repeat: Kernel = {
  link: ({ inputs: [x], outputs: [y] }, { wasm, at }) => {
    const [from, to, bytes, total] = [at(x), at(y), sizeOf(x.shape) * 4, sizeOf(y.shape) * 4];
    return once(() => {
      for (let offset = 0; offset < total; offset += bytes)
        wasm.copy(from.address, to.address + offset, bytes);
    });
  },
};

/** A concatenation whose parts are runs of the output: every axis before it has length 1. */
function joinsWhole({ outputs: [y], attributes }: Operation): boolean {
  return y.shape.slice(0, attributes.axis as number).every((length) => length === 1);
}

const join: Kernel = {
  link: ({ inputs, outputs: [y] }, { wasm, at }) => {
    const [parts, to] = [inputs.map(at), at(y)];
    return once(() => {
      let offset = 0;
      parts.forEach(({ address }, i) => {
        const bytes = sizeOf(inputs[i].shape) * 4;
        wasm.copy(address, to.address + offset, bytes);
        offset += bytes;
      });
    });
  },
};

/** A slice that is one run of its input: it cuts the first axis longer than 1 only. */
function cutsWhole({ inputs: [x], outputs: [y] }: Operation): boolean {
  const axis = x.shape.findIndex((length) => length !== 1);
  return x.shape.every((length, i) => i <= axis || length === y.shape[i]);
}

const cut: Kernel = {
  link: ({ inputs: [x], outputs: [y], attributes }, { wasm, at }) => {
    const axis = x.shape.findIndex((length) => length !== 1);
    const step = sizeOf(x.shape.slice(axis + 1)) * 4;
    const offset = axis < 0 ? 0 : (attributes.start as number[])[axis] * step;
    const [from, to, bytes] = [at(x), at(y), sizeOf(y.shape) * 4];
    return once(() => void wasm.copy(from.address + offset, to.address, bytes));
  },
};

const elementwisePrimitives = new Set(
  'convert abs log tanh erf sin cos maximum minimum power equal less negate exp sqrt rsqrt'.split(' '),
);

function referenceKernel({ name }: Operation): Kernel {
  return {
    takesOver: elementwisePrimitives.has(name) ? [[0]] : [],
    link: (operation, linkage) => {
      const inputs = operation.inputs.map((value) => keepView(linkage, linkage.at(value), value));
      const output = keepView(linkage, linkage.at(operation.outputs[0]), operation.outputs[0]);
      return once(() =>
        evaluatePrimitive(
          operation,
          inputs.map((read) => read()),
          output(),
        ),
      );
    },
  };
}

function keepView({ memory }: Linkage, pointer: Pointer, value: Value): () => Data {
  let view = viewOf(memory, 0, { ...value, shape: [0] });
  return () => {
    if (view.byteOffset !== pointer.address || view.length === 0)
      view = viewOf(memory, pointer.address, value);
    return view;
  };
}

const arrays = {
  f32: Float32Array,
  bf16: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Int32Array,
};

/** The elements of a value in memory; all types take four bytes. */
export function viewOf(
  memory: SharedMemory,
  address: number,
  { shape, dtype }: { shape: readonly number[]; dtype: DType },
): Data {
  // The arrays of this executor always lie in shared memory; the reference's type does not say so.
  return new arrays[dtype](memory.buffer as unknown as ArrayBuffer, address, sizeOf(shape));
}
