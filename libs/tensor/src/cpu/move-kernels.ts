// Kernels that move elements in runs: the longest stretch that lies together in both layouts is copied in one go.

import { sizeOf, type Operation, type Value } from '../program.ts';
import { stridesOf } from '../strided.ts';
import { elementGrain, once, overRanges, type Kernel, type Linkage, type Stage } from './kernel.ts';

interface Layout {
  readonly strides: readonly number[];
  /** Elements from its beginning. */
  readonly offset: number;
}

interface Runs {
  readonly count: number;
  readonly bytes: number;
  /** Where each run begins, in bytes. */
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** Cuts an index space into runs. */
function findRuns(shape: readonly number[], from: Layout, to: Layout): Runs {
  let axis = shape.length;
  let length = 1;
  while (axis > 0 && [from, to].every(({ strides }) => shape[axis - 1] === 1 || strides[axis - 1] === length))
    length *= shape[--axis];
  const outer = shape.slice(0, axis);
  const place = ({ strides, offset }: Layout) => {
    const places = new Float64Array(sizeOf(outer));
    const steps = stridesOf(outer);
    for (let i = 0; i < places.length; i++) {
      const index = outer.map((n, at) => Math.floor(i / steps[at]) % n);
      places[i] = 4 * index.reduce((sum, value, at) => sum + value * strides[at], offset);
    }
    return places;
  };
  return { count: sizeOf(outer), bytes: length * 4, from: place(from), to: place(to) };
}

type Address = () => number;

/** Copies the runs; the addresses are read before each of them. */
function copyRuns({ wasm, threads }: Linkage, runs: Runs, from: Address, to: Address): Stage {
  const grain = Math.max(1, Math.ceil((elementGrain * 4) / runs.bytes));
  return overRanges(runs.count, { threads, grain }, (first, end) => {
    const [source, target] = [from(), to()];
    for (let i = first; i < end; i++) wasm.copy(source + runs.from[i], target + runs.to[i], runs.bytes);
  });
}

const whole = ({ shape }: Value): Layout => ({ strides: stridesOf(shape), offset: 0 });

function partOf({ shape }: Value, start: readonly number[]): Layout {
  const strides = stridesOf(shape);
  return { strides, offset: start.reduce((sum, from, axis) => sum + from * strides[axis], 0) };
}

/** Byte offset of a part of x at a start in memory, moved inside as the primitives say. */
function offsetAt({ at, memory }: Linkage, [x, part, start]: readonly Value[]): () => number {
  const pointer = at(start);
  const strides = stridesOf(x.shape);
  return () => {
    const values = new Int32Array(memory.buffer, pointer.address, x.shape.length);
    return x.shape.reduce((sum, length, axis) => {
      const from = Math.max(0, Math.min(values[axis], length - part.shape[axis]));
      return sum + 4 * from * strides[axis];
    }, 0);
  };
}

function copyAll({ wasm, at }: Linkage, from: Value, to: Value): Stage {
  const [source, target, bytes] = [at(from), at(to), sizeOf(from.shape) * 4];
  return once(() => {
    if (source.address !== target.address) wasm.copy(source.address, target.address, bytes);
  });
}

/** Axes in another order: runs where the last stays the last, else squares of the two that lie together in one or the other. */
function transposeStage({ inputs: [x], outputs: [y], attributes }: Operation, linkage: Linkage): Stage {
  const { wasm, threads, at } = linkage;
  const [from, to] = [x, y].map(at);
  const permutation = attributes.permutation as readonly number[];
  const rank = x.shape.length;
  const strides = stridesOf(x.shape);
  const moved: Layout = { strides: permutation.map((axis) => strides[axis]), offset: 0 };
  if (permutation[rank - 1] === rank - 1)
    return copyRuns(
      linkage,
      findRuns(y.shape, moved, whole(y)),
      () => from.address,
      () => to.address,
    );
  // Of the output's axes: the one that was last in the input, and its own last one.
  const [across, last] = [permutation.indexOf(rank - 1), rank - 1];
  const outer = y.shape.map((length, axis) => (axis === across || axis === last ? 1 : length));
  const steps = stridesOf(outer);
  const [rows, columns] = [y.shape[last], y.shape[across]];
  const [own, count] = [stridesOf(y.shape), sizeOf(outer)];
  const placeOf = (index: number, of: readonly number[]) =>
    4 * outer.reduce((sum, length, axis) => sum + (Math.floor(index / steps[axis]) % length) * of[axis], 0);
  const places = Array.from({ length: count }, (_, i) => [placeOf(i, moved.strides), placeOf(i, own)]);
  const height = Math.max(64, Math.ceil(elementGrain / columns));
  const blocks = Math.ceil(rows / height);
  return overRanges(count * blocks, { threads, grain: 1 }, (first, end) => {
    for (let task = first; task < end; task++) {
      const [source, target] = places[Math.floor(task / blocks)];
      const row = (task % blocks) * height;
      const [stride, size] = [moved.strides[last], Math.min(height, rows - row)];
      const out = to.address + target + row * 4;
      wasm.transpose(size, columns, stride, from.address + source + row * stride * 4, own[across], out);
    }
  });
}

export const moveKernels = {
  transpose: { link: transposeStage },
  slice: {
    link: ({ inputs: [x], outputs: [y], attributes }: Operation, linkage: Linkage) => {
      const [from, to] = [x, y].map(linkage.at);
      const runs = findRuns(y.shape, partOf(x, attributes.start as number[]), whole(y));
      return copyRuns(
        linkage,
        runs,
        () => from.address,
        () => to.address,
      );
    },
  },
  concat: {
    link: ({ inputs, outputs: [y], attributes }: Operation, linkage: Linkage) => {
      const to = linkage.at(y);
      const start = y.shape.map(() => 0);
      return inputs.map((part) => {
        const from = linkage.at(part);
        const runs = findRuns(part.shape, whole(part), partOf(y, start));
        start[attributes.axis as number] += part.shape[attributes.axis as number];
        return copyRuns(
          linkage,
          runs,
          () => from.address,
          () => to.address,
        );
      });
    },
  },
  pad: {
    link: ({ inputs: [x], outputs: [y], attributes }: Operation, linkage: Linkage) => {
      const [from, to] = [x, y].map(linkage.at);
      const runs = findRuns(x.shape, whole(x), partOf(y, attributes.before as number[]));
      const bytes = sizeOf(y.shape) * 4;
      return [
        once(() => void new Uint8Array(linkage.memory.buffer, to.address, bytes).fill(0)),
        copyRuns(
          linkage,
          runs,
          () => from.address,
          () => to.address,
        ),
      ];
    },
  },
  dynamicSlice: {
    link: ({ inputs: [x, start], outputs: [y] }: Operation, linkage: Linkage) => {
      const [from, to] = [x, y].map(linkage.at);
      const offset = offsetAt(linkage, [x, y, start]);
      const runs = findRuns(y.shape, whole(x), whole(y));
      return copyRuns(
        linkage,
        runs,
        () => from.address + offset(),
        () => to.address,
      );
    },
  },
  dynamicUpdateSlice: {
    takesOver: [[0]],
    link: ({ inputs: [x, part, start], outputs: [y] }: Operation, linkage: Linkage) => {
      const [from, to] = [part, y].map(linkage.at);
      const offset = offsetAt(linkage, [x, part, start]);
      const runs = findRuns(part.shape, whole(part), whole(x));
      return [
        copyAll(linkage, x, y),
        copyRuns(
          linkage,
          runs,
          () => from.address,
          () => to.address + offset(),
        ),
      ];
    },
  },
} satisfies Readonly<Record<string, Kernel>>;
