// Kernels over rows: normalisation and table look-ups. Sums over rows are cut into tiles of a fixed number of rows and
// added up in their order.

import { sizeOf, type Value } from '../program.ts';
import { elementGrain, once, overRanges, type Kernel } from './kernel.ts';

export const rowsOf = ({ shape }: Value): [rows: number, width: number] => [
  sizeOf(shape) / (shape.at(-1) as number),
  shape.at(-1) as number,
];

const tileRows = 64;
const rowGrain = (width: number) => Math.max(1, Math.ceil(elementGrain / width));

const layerNorm: Kernel = {
  link: ({ inputs, outputs, attributes }, { wasm, threads, at }) => {
    const [rows, width] = rowsOf(inputs[0]);
    const [x, scale, shift] = inputs.map(at);
    const [y, means, rstds] = outputs.map(at);
    const epsilon = attributes.epsilon as number;
    return overRanges(rows, { threads, grain: rowGrain(width) }, (from, to) => {
      const [offset, row] = [from * width * 4, from * 4];
      const [a, b] = [scale.address, shift.address];
      const [mean, rstd] = [means.address + row, rstds.address + row];
      wasm.layerNorm(to - from, width, x.address + offset, a, b, y.address + offset, mean, rstd, epsilon);
    });
  },
};

const layerNormBackward: Kernel = {
  takesOver: [[0]],
  temporaryBytes: ({ inputs: [g] }) => {
    const [rows, width] = rowsOf(g);
    return Math.ceil(rows / tileRows) * width * 8;
  },
  link: ({ inputs, outputs }, { wasm, at, temporary }) => {
    const [rows, width] = rowsOf(inputs[0]);
    const [g, x, scale, means, rstds] = inputs.map(at);
    const [dx, dScale, dShift] = outputs.map(at);
    const tiles = Math.ceil(rows / tileRows);
    const shifts = tiles * width * 4;
    const runTile = (tile: number) => {
      const from = tile * tileRows;
      const [offset, row] = [from * width * 4, from * 4];
      const partial = temporary.address + tile * width * 4;
      wasm.layerNormBackward(
        Math.min(tileRows, rows - from),
        width,
        g.address + offset,
        x.address + offset,
        scale.address,
        means.address + row,
        rstds.address + row,
        dx.address + offset,
        partial,
        partial + shifts,
      );
    };
    const addUp = once(() => {
      wasm.sumRows(tiles, width, width, temporary.address, dScale.address);
      wasm.sumRows(tiles, width, width, temporary.address + shifts, dShift.address);
    });
    return [{ tasks: tiles, run: runTile }, addUp];
  },
};

const gather: Kernel = {
  link: ({ inputs: [table, indices], outputs: [y] }, { wasm, threads, at }) => {
    const [vocabSize, width] = table.shape;
    const [from, which, to] = [at(table), at(indices), at(y)];
    return overRanges(sizeOf(indices.shape), { threads, grain: rowGrain(width) }, (first, end) => {
      const target = to.address + first * width * 4;
      wasm.gather(end - first, width, vocabSize, from.address, which.address + first * 4, target);
    });
  },
};

// Rows are added in the order of the indices, so threads share the columns.
const scatterAdd: Kernel = {
  takesOver: [[0]],
  link: ({ inputs: [table, indices, rows], outputs: [y] }, { wasm, threads, at }) => {
    const [vocabSize, width] = table.shape;
    const count = sizeOf(indices.shape);
    const [from, which, added, to] = [table, indices, rows, y].map(at);
    const size = sizeOf(table.shape);
    const copy = overRanges(size, { threads, grain: elementGrain, unit: 16 }, (first, end) => {
      if (from.address !== to.address)
        wasm.copy(from.address + first * 4, to.address + first * 4, (end - first) * 4);
    });
    const grain = Math.max(16, Math.ceil(elementGrain / count));
    const add = overRanges(width, { threads, grain, unit: 16 }, (first, end) =>
      wasm.scatterAdd(count, width, vocabSize, to.address, which.address, added.address, first, end),
    );
    return [copy, add];
  },
};

export const rowKernels: Readonly<Record<string, Kernel>> = {
  gather,
  layerNorm,
  layerNormBackward,
  scatterAdd,
};
