// Kernels made of matrix products: matmul, linear, attention, and the head with its loss. They are composed here, in
// TypeScript, from calls of the WebAssembly kernels: a call costs some tens of nanoseconds.

import { chunks } from '../composites/cross-entropy.ts';
import { sizeOf, type Operation, type Value } from '../program.ts';
import type { Kernel, Linkage } from './kernels.ts';

interface Matrix {
  readonly at: number;
  /** Elements from row to row. */
  readonly stride: number;
  readonly transposed?: boolean;
}

const store = 0;
const accumulate = 1;
const addBias = 2;

interface Product {
  readonly size: readonly [m: number, n: number, k: number];
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly mode?: number;
  readonly bias?: number;
}

function multiply(
  { wasm, scratch }: Linkage,
  { size: [m, n, k], a, b, c, mode = store, bias = 0 }: Product,
): void {
  const ta = a.transposed ? 1 : 0;
  const tb = b.transposed ? 1 : 0;
  wasm.gemm(m, n, k, a.at, a.stride, ta, b.at, b.stride, tb, c.at, c.stride, mode, bias, scratch);
}

const matmul: Kernel = {
  link: ({ inputs: [x, y], outputs: [z], attributes }, linkage) => {
    const transposeA = attributes.transposeA as boolean;
    const transposeB = attributes.transposeB as boolean;
    const [m, n] = z.shape.slice(-2);
    const k = x.shape.at(transposeA ? -2 : -1) as number;
    const batches = sizeOf(z.shape) / (m * n);
    const [a, b, c] = [x, y, z].map(linkage.at);
    return () => {
      for (let i = 0; i < batches; i++)
        multiply(linkage, {
          size: [m, n, k],
          a: { at: a + i * m * k * 4, stride: transposeA ? m : k, transposed: transposeA },
          b: { at: b + i * k * n * 4, stride: transposeB ? k : n, transposed: transposeB },
          c: { at: c + i * m * n * 4, stride: n },
        });
    };
  },
};

const linear: Kernel = {
  link: ({ inputs: [x, weight, bias], outputs: [y], attributes }, linkage) => {
    const k = x.shape.at(-1) as number;
    const n = y.shape.at(-1) as number;
    const transposed = attributes.transposed as boolean;
    const product: Product = {
      size: [sizeOf(x.shape) / k, n, k],
      a: { at: linkage.at(x), stride: k },
      b: { at: linkage.at(weight), stride: transposed ? k : n, transposed },
      c: { at: linkage.at(y), stride: n },
      mode: bias ? addBias : store,
      bias: bias && linkage.at(bias),
    };
    return () => multiply(linkage, product);
  },
};

const blockRows = 48; // rows of a block of scores: a causal block needs no columns beyond its last row

interface Heads {
  readonly batch: number;
  readonly heads: number;
  readonly length: number;
  readonly size: number;
  readonly causal: boolean;
}

function describeHeads(qkv: Value, { attributes }: Operation): Heads {
  const [batch, length, width] = qkv.shape;
  const heads = attributes.heads as number;
  return { batch, heads, length, size: width / 3 / heads, causal: attributes.causal as boolean };
}

const attention: Kernel = {
  link: (operation, linkage) => {
    const shape = describeHeads(operation.inputs[0], operation);
    const [qkv, y, p] = [operation.inputs[0], ...operation.outputs].map(linkage.at);
    return () => eachHead(shape, (head) => attend(linkage, shape, { qkv, y, p }, head));
  },
};

function eachHead({ batch, heads }: Heads, work: (head: { batch: number; head: number }) => void): void {
  for (let b = 0; b < batch; b++) for (let h = 0; h < heads; h++) work({ batch: b, head: h });
}

type Head = { batch: number; head: number };

/** Byte addresses of q, k, v (or their gradients) of one head in packed projections [B, T, 3C]. */
function partsOf(
  base: number,
  { heads, length, size }: Heads,
  { batch, head }: Head,
): [number, number, number] {
  const width = heads * size;
  const q = base + (batch * length * 3 * width + head * size) * 4;
  return [q, q + width * 4, q + 2 * width * 4];
}

function attend(linkage: Linkage, shape: Heads, at: { qkv: number; y: number; p: number }, head: Head): void {
  const { heads, length, size, causal } = shape;
  const stride = 3 * heads * size;
  const [q, k, v] = partsOf(at.qkv, shape, head);
  const scores = at.p + (head.batch * heads + head.head) * length * length * 4;
  const y = at.y + (head.batch * length * heads * size + head.head * size) * 4;
  for (let from = 0; from < length; from += blockRows) {
    const rows = Math.min(blockRows, length - from);
    const seen = causal ? from + rows : length;
    const block = { at: scores + from * length * 4, stride: length };
    multiply(linkage, {
      size: [rows, seen, size],
      a: { at: q + from * stride * 4, stride },
      b: { at: k, stride, transposed: true },
      c: block,
    });
    linkage.wasm.softmax(rows, seen, length, block.at, 1 / Math.sqrt(size), causal ? 1 : 0, from);
    multiply(linkage, {
      size: [rows, size, seen],
      a: block,
      b: { at: v, stride },
      c: { at: y + from * heads * size * 4, stride: heads * size },
    });
  }
}

const attentionBackward: Kernel = {
  temporaryBytes: ({ inputs: [qkv] }) => blockRows * qkv.shape[1] * 4,
  link: (operation, linkage) => {
    const shape = describeHeads(operation.inputs[0], operation);
    const [qkv, p, g, out] = [...operation.inputs, ...operation.outputs].map(linkage.at);
    return () => eachHead(shape, (head) => attendBackward(linkage, shape, { qkv, p, g, out }, head));
  },
};

function attendBackward(
  linkage: Linkage,
  shape: Heads,
  at: { qkv: number; p: number; g: number; out: number },
  head: Head,
): void {
  const { heads, length, size, causal } = shape;
  const width = heads * size;
  const stride = 3 * width;
  const [q, k, v] = partsOf(at.qkv, shape, head);
  const [dq, dk, dv] = partsOf(at.out, shape, head);
  const p = at.p + (head.batch * heads + head.head) * length * length * 4;
  const g = at.g + (head.batch * length * width + head.head * size) * 4;
  // From the last block to the first: the last reaches every key, so it sets dk and dv and the others add to them.
  const starts = Array.from({ length: Math.ceil(length / blockRows) }, (_, i) => i * blockRows).reverse();
  starts.forEach((from, i) => {
    const rows = Math.min(blockRows, length - from);
    const seen = causal ? from + rows : length;
    const mode = i === 0 ? store : accumulate;
    const probabilities = { at: p + from * length * 4, stride: length };
    const gradient = { at: g + from * width * 4, stride: width };
    const scores = { at: linkage.temporary, stride: seen };
    multiply(linkage, {
      size: [rows, seen, size],
      a: gradient,
      b: { at: v, stride, transposed: true },
      c: scores,
    });
    multiply(linkage, {
      size: [seen, size, rows],
      a: { ...probabilities, transposed: true },
      b: gradient,
      c: { at: dv, stride },
      mode,
    });
    softmaxBackward(linkage, rows, seen, probabilities, scores, 1 / Math.sqrt(size));
    multiply(linkage, {
      size: [rows, size, seen],
      a: scores,
      b: { at: k, stride },
      c: { at: dq + from * stride * 4, stride },
    });
    multiply(linkage, {
      size: [seen, size, rows],
      a: { ...scores, transposed: true },
      b: { at: q + from * stride * 4, stride },
      c: { at: dk, stride },
      mode,
    });
  });
}

function softmaxBackward(
  { wasm }: Linkage,
  rows: number,
  width: number,
  p: Matrix,
  dp: Matrix,
  scale: number,
): void {
  wasm.softmaxBackward(rows, width, p.stride, dp.stride, p.at, dp.at, scale);
}

const crossEntropy: Kernel = {
  temporaryBytes: ({ inputs: [, table], attributes }) => (attributes.chunk as number) * table.shape[0] * 4,
  link: ({ inputs: [hidden, table, targets], outputs: [losses, kept], attributes }, linkage) => {
    const chunk = attributes.chunk as number;
    const [n, width] = hidden.shape;
    const [vocabSize] = table.shape;
    const [h, w, t, l, p] = [hidden, table, targets, losses, kept].map(linkage.at);
    return () => {
      for (const [from, to] of chunks(n, chunk)) {
        const logits = chunk === 0 ? p : linkage.temporary;
        multiplyLogits(linkage, [to - from, vocabSize, width], h + from * width * 4, w, logits);
        const logSumExps = chunk === 0 ? 0 : p + from * 4;
        linkage.wasm.crossEntropy(to - from, vocabSize, logits, t + from * 4, l + from * 4, logSumExps);
      }
    };
  },
};

function multiplyLogits(
  linkage: Linkage,
  size: [number, number, number],
  h: number,
  w: number,
  c: number,
): void {
  const [, vocabSize, width] = size;
  multiply(linkage, {
    size,
    a: { at: h, stride: width },
    b: { at: w, stride: width, transposed: true },
    c: { at: c, stride: vocabSize },
  });
}

const crossEntropyBackward: Kernel = {
  destroys: 3,
  temporaryBytes: ({ inputs: [hidden, table], attributes }, destroys) => {
    const rows = (attributes.chunk as number) || (destroys ? 0 : hidden.shape[0]);
    return rows * table.shape[0] * 4;
  },
  link: ({ inputs, outputs: [dHidden, dTable], attributes }, linkage) => {
    const chunk = attributes.chunk as number;
    const [n, width] = inputs[0].shape;
    const [vocabSize] = inputs[1].shape;
    const [h, w, t, kept, g, dh, dw] = [...inputs, dHidden, dTable].map(linkage.at);
    const { wasm, temporary, destroys } = linkage;
    return () => {
      for (const [from, to] of chunks(n, chunk)) {
        const rows = to - from;
        const d = chunk === 0 && destroys ? kept : temporary;
        if (chunk > 0) {
          multiplyLogits(linkage, [rows, vocabSize, width], h + from * width * 4, w, d);
          wasm.expRows(rows, vocabSize, d, kept + from * 4);
        }
        wasm.crossEntropyBackward(rows, vocabSize, chunk > 0 ? d : kept, t + from * 4, g + from * 4, d);
        const logits = { at: d, stride: vocabSize };
        multiply(linkage, {
          size: [rows, width, vocabSize],
          a: logits,
          b: { at: w, stride: width },
          c: { at: dh + from * width * 4, stride: width },
        });
        multiply(linkage, {
          size: [vocabSize, width, rows],
          a: { ...logits, transposed: true },
          b: { at: h + from * width * 4, stride: width },
          c: { at: dw, stride: width },
          mode: from === 0 ? store : accumulate,
        });
      }
    };
  },
};

export const matrixKernels: Readonly<Record<string, Kernel>> = {
  packedAttention: attention,
  packedAttentionBackward: attentionBackward,
  crossEntropy,
  crossEntropyBackward,
  linear,
  matmul,
};
