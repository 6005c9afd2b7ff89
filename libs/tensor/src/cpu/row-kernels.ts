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

const rmsNorm: Kernel = {
  link: ({ inputs, outputs, attributes }, { wasm, threads, at }) => {
    const [rows, width] = rowsOf(inputs[0]);
    const [x, scale] = inputs.map(at);
    const [y, rstds] = outputs.map(at);
    const epsilon = attributes.epsilon as number;
    return overRanges(rows, { threads, grain: rowGrain(width) }, (from, to) => {
      const offset = from * width * 4;
      const rstd = rstds.address + from * 4;
      wasm.rmsNorm(to - from, width, x.address + offset, scale.address, y.address + offset, rstd, epsilon);
    });
  },
};

const rmsNormBackward: Kernel = {
  takesOver: [[0]],
  temporaryBytes: ({ inputs: [g] }) => {
    const [rows, width] = rowsOf(g);
    return Math.ceil(rows / tileRows) * width * 4;
  },
  link: ({ inputs, outputs }, { wasm, at, temporary }) => {
    const [rows, width] = rowsOf(inputs[0]);
    const [g, x, scale, rstds] = inputs.map(at);
    const [dx, dScale] = outputs.map(at);
    const tiles = Math.ceil(rows / tileRows);
    const runTile = (tile: number) => {
      const from = tile * tileRows;
      const offset = from * width * 4;
      const partial = temporary.address + tile * width * 4;
      const [a, b] = [g.address + offset, x.address + offset];
      const rest = [scale.address, rstds.address + from * 4, dx.address + offset, partial];
      wasm.rmsNormBackward(Math.min(tileRows, rows - from), width, a, b, ...rest);
    };
    const addUp = once(() => void wasm.sumRows(tiles, width, width, temporary.address, dScale.address));
    return [{ tasks: tiles, run: runTile }, addUp];
  },
};

const rotary: Kernel = {
  takesOver: [[0]],
  link: ({ inputs, outputs, attributes }, { wasm, threads, at }) => {
    const [batch, length, heads, width] = inputs[0].shape;
    const half = inputs[1].shape.at(-1) as number;
    const tables = sizeOf(inputs[1].shape) / half; // one a position, or one a position of each sequence
    const [x, cos, sin] = inputs.map(at);
    const y = at(outputs[0]);
    const step = heads * width * 4;
    const turned = attributes.interleaved ? 1 : 0;
    return overRanges(batch * length, { threads, grain: rowGrain(heads * width) }, (from, to) => {
      for (let row = from; row < to; row++) {
        const table = (row % tables) * half * 4;
        const [c, s] = [cos.address + table, sin.address + table];
        wasm.rotateHeads(heads, width, half, x.address + row * step, c, s, y.address + row * step, turned);
      }
    });
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
  rmsNorm,
  rmsNormBackward,
  rotary,
  scatterAdd,
};
