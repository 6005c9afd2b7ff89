// The matrix product as a stage: C is cut into a grid of parts, one a task. An element is summed in the order of k alone
// (assembly/gemm.ts), so the cut does not show.

import type { Linkage, Pointer, Stage } from './kernel.ts';

export interface Matrix {
  readonly at: Pointer;
  /** Bytes from `at`. */
  readonly offset?: number;
  /** Elements from row to row. */
  readonly stride: number;
  readonly transposed?: boolean;
}

/** What becomes of C: see `gemm`. */
export const modes = { store: 0, accumulate: 1, addBias: 2 } as const;
export const finishes = { none: 0, activate: 1, timesSlope: 2, plusExtra: 3 } as const;

export interface Product {
  readonly size: readonly [m: number, n: number, k: number];
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly mode?: number;
  readonly bias?: Pointer;
  readonly finish?: number;
  readonly extra?: Matrix;
  /** Where the sums of the columns of B go. */
  readonly sums?: Pointer;
}

const leastColumns = 128; // B is packed anew for each part of the rows, A (transposed) for each part of the columns
const leastRows = 96;
const leastWork = 4e6; // floating-point operations that are worth a task

/** The product as one stage; its mode is read when it runs. */
export function productStage(linkage: Linkage, product: Product, accumulates?: () => boolean): Stage {
  const [m, n, k] = product.size;
  const { rows, columns, across, tasks } = cutProduct(m, n, k, linkage.threads);
  return {
    tasks,
    run: (task) => {
      const from = Math.floor(task / across) * rows;
      const left = (task % across) * columns;
      const part = { from, to: Math.min(m, from + rows), left, right: Math.min(n, left + columns) };
      multiplyPart(
        linkage,
        accumulates?.() ? { ...product, mode: modes.accumulate, finish: 0 } : product,
        part,
      );
    },
  };
}

function cutProduct(m: number, n: number, k: number, threads: number) {
  const work = 2 * m * n * k;
  const wanted = threads === 1 ? 1 : Math.min(threads * (work > 4e8 ? 4 : 2), Math.floor(work / leastWork));
  const across = Math.max(1, Math.min(wanted, Math.floor(n / leastColumns)));
  const down = Math.max(1, Math.min(Math.ceil(wanted / across), Math.floor(m / leastRows)));
  const columns = Math.ceil(n / across / 16) * 16;
  const rows = Math.ceil(m / down / 4) * 4;
  const counted = Math.ceil(n / columns);
  return { rows, columns, across: counted, tasks: counted * Math.ceil(m / rows) };
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
}

function multiplyPart({ wasm, scratch }: Linkage, product: Product, { from, to, left, right }: Part): void {
  const { size, a, b, c, mode = modes.store, bias, finish = finishes.none, extra, sums } = product;
  const start = (x: Matrix) => x.at.address + (x.offset ?? 0);
  const corner = (x: Matrix) => start(x) + (from * x.stride + left) * 4;
  wasm.gemm(
    to - from,
    right - left,
    size[2],
    start(a) + (a.transposed ? from : from * a.stride) * 4,
    a.stride,
    a.transposed ? 1 : 0,
    start(b) + (b.transposed ? left * b.stride : left) * 4,
    b.stride,
    b.transposed ? 1 : 0,
    corner(c),
    c.stride,
    mode,
    bias ? bias.address + left * 4 : 0,
    finish,
    extra ? corner(extra) : 0,
    extra?.stride ?? 0,
    sums && from === 0 ? sums.address + left * 4 : 0,
    scratch.address,
  );
}

/** The whole product at once, inside a task. */
export function multiply(linkage: Linkage, product: Product): void {
  const [m, n] = product.size;
  multiplyPart(linkage, product, { from: 0, to: m, left: 0, right: n });
}
