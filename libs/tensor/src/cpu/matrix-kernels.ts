// Kernels that are matrix products: matmul, linear and what `fuse.ts` makes of them.

import { sizeOf, type Operation } from '../program.ts';
import type { Kernel, Linkage, Stage } from './kernel.ts';
import { finishes, modes, multiply, productStage, type Product } from './product.ts';

const matmul: Kernel = {
  link: ({ inputs: [x, y], outputs: [z], attributes }, linkage) => {
    const transposeA = attributes.transposeA as boolean;
    const transposeB = attributes.transposeB as boolean;
    const [m, n] = z.shape.slice(-2);
    const k = x.shape.at(transposeA ? -2 : -1) as number;
    const [a, b, c] = [x, y, z].map(linkage.at);
    const product = (i: number): Product => ({
      size: [m, n, k],
      a: { at: a, offset: i * m * k * 4, stride: transposeA ? m : k, transposed: transposeA },
      b: { at: b, offset: i * k * n * 4, stride: transposeB ? k : n, transposed: transposeB },
      c: { at: c, offset: i * m * n * 4, stride: n },
    });
    const batches = sizeOf(z.shape) / (m * n);
    if (batches === 1) return productStage(linkage, product(0));
    return { tasks: batches, run: (task) => multiply(linkage, product(task)) };
  },
};

const linear: Kernel = {
  link: (operation, linkage) => productStage(linkage, describeLinear(operation, linkage)),
};

function describeLinear(
  { inputs: [x, weight, bias], outputs: [y], attributes }: Operation,
  { at }: Linkage,
): Product {
  const k = x.shape.at(-1) as number;
  const n = y.shape.at(-1) as number;
  const transposed = attributes.transposed as boolean;
  return {
    size: [sizeOf(x.shape) / k, n, k],
    a: { at: at(x), stride: k },
    b: { at: at(weight), stride: transposed ? k : n, transposed },
    c: { at: at(y), stride: n },
    mode: bias ? modes.addBias : modes.store,
    bias: bias && at(bias),
  };
}

/** linear and then gelu; outputs x W + b and its activation. */
const linearGelu: Kernel = {
  link: (operation, linkage) => {
    const product = describeLinear(operation, linkage);
    const extra = { at: linkage.at(operation.outputs[1]), stride: product.c.stride };
    return productStage(linkage, { ...product, finish: finishes.activate, extra });
  },
};

/** linear plus its last input, of the output's shape. */
const linearAdd: Kernel = {
  link: (operation, linkage) => {
    const given = operation.inputs.slice(0, -1);
    const product = describeLinear({ ...operation, inputs: given }, linkage);
    const extra = { at: linkage.at(operation.inputs[given.length]), stride: product.c.stride };
    return productStage(linkage, { ...product, finish: finishes.plusExtra, extra });
  },
};

/** Of two matrices; the output may have another shape. */
function describeMatmul({ inputs: [x, y], outputs: [z], attributes }: Operation, { at }: Linkage): Product {
  const transposeA = attributes.transposeA as boolean;
  const transposeB = attributes.transposeB as boolean;
  const [m, k] = transposeA ? x.shape.toReversed() : x.shape;
  const n = y.shape[transposeB ? 0 : 1];
  return {
    size: [m, n, k],
    a: { at: at(x), stride: transposeA ? m : k, transposed: transposeA },
    b: { at: at(y), stride: transposeB ? k : n, transposed: transposeB },
    c: { at: at(z), stride: n },
  };
}

/** matmul plus its third input, which the result may replace. */
const matmulAdd: Kernel = {
  takesOver: [[2]],
  link: (operation, linkage) => {
    const product = describeMatmul(operation, linkage);
    return addTo(linkage, product, operation);
  },
};

function addTo(linkage: Linkage, product: Product, { inputs, outputs }: Operation): Stage {
  const [addend, out] = [inputs[2], outputs[0]].map(linkage.at);
  const finished = {
    ...product,
    finish: finishes.plusExtra,
    extra: { at: addend, stride: product.c.stride },
  };
  return productStage(linkage, finished, () => addend.address === out.address);
}

/** matmul times the slope of gelu at its third input. */
const matmulGeluBackward: Kernel = {
  link: (operation, linkage) => {
    const product = describeMatmul(operation, linkage);
    const extra = { at: linkage.at(operation.inputs[2]), stride: product.c.stride };
    return productStage(linkage, { ...product, finish: finishes.timesSlope, extra });
  },
};

/** x^T g, and the sums of the columns of g: the gradients of a layer's weight and bias. */
const matmulSums: Kernel = {
  link: (operation, linkage) =>
    productStage(linkage, { ...describeMatmul(operation, linkage), sums: linkage.at(operation.outputs[1]) }),
};

/** The same, the product added to its third input. */
const matmulAddSums: Kernel = {
  takesOver: [[2]],
  link: (operation, linkage) => {
    const product = { ...describeMatmul(operation, linkage), sums: linkage.at(operation.outputs[1]) };
    return addTo(linkage, product, operation);
  },
};

export const matrixKernels: Readonly<Record<string, Kernel>> = {
  linear,
  linearAdd,
  linearGelu,
  matmul,
  matmulAdd,
  matmulAddSums,
  matmulGeluBackward,
  matmulSums,
};
