// The two kinds of matrix in a fastText model: plain rows of float32, and rows quantised in parts (a code a part, each the
// number of one of 256 centroids; the row's length apart in a code of its own).

import { DataError } from '@gristmill/core';
import type { ByteReader } from './byte-reader.ts';

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** into += row */
  addRow(row: number, into: Float32Array): void;
  dotRow(row: number, vector: Float32Array): number;
}

export function readMatrix(reader: ByteReader): Matrix {
  const rows = reader.int64();
  const columns = reader.int64();
  const data = reader.floats(rows * columns);
  return {
    rows,
    columns,
    addRow(row, into) {
      const from = row * columns;
      for (let i = 0; i < columns; i++) into[i] += data[from + i];
    },
    dotRow(row, vector) {
      const from = row * columns;
      let sum = 0;
      for (let i = 0; i < columns; i++) sum = Math.fround(sum + Math.fround(data[from + i] * vector[i]));
      return sum;
    },
  };
}

const centroidsEach = 256;

/** Sums centroids; `visit` gets each part's centroid. */
interface Quantizer {
  readonly parts: number;
  centroid(part: number, code: number): number;
  width(part: number): number;
  readonly centroids: Float32Array;
  readonly partWidth: number;
}

function readQuantizer(reader: ByteReader): Quantizer {
  const dimension = reader.int32();
  const parts = reader.int32();
  const partWidth = reader.int32();
  const lastWidth = reader.int32();
  const centroids = reader.floats(dimension * centroidsEach);
  if (parts < 1 || partWidth * (parts - 1) + lastWidth !== dimension)
    throw new DataError(
      'fast-text-model',
      'the fastText model quantises parts that do not fit',
      'fetch the file anew',
    );
  const width = (part: number): number => (part === parts - 1 ? lastWidth : partWidth);
  const centroid = (part: number, code: number): number =>
    part * centroidsEach * partWidth + code * width(part);
  return { parts, centroid, width, centroids, partWidth };
}

export function readQuantizedMatrix(reader: ByteReader): Matrix {
  const withNorms = reader.byte() !== 0;
  const rows = reader.int64();
  const columns = reader.int64();
  const codes = reader.bytes(reader.int32());
  const quantizer = readQuantizer(reader);
  const normCodes = withNorms ? reader.bytes(rows) : undefined;
  const norms = withNorms ? readQuantizer(reader) : undefined;
  const { parts, centroids, partWidth } = quantizer;
  const normOf = (row: number): number =>
    norms === undefined ? 1 : norms.centroids[norms.centroid(0, normCodes![row])];
  return {
    rows,
    columns,
    addRow(row, into) {
      const norm = normOf(row);
      for (let part = 0; part < parts; part++) {
        const from = quantizer.centroid(part, codes[row * parts + part]);
        const width = quantizer.width(part);
        for (let i = 0; i < width; i++) into[part * partWidth + i] += norm * centroids[from + i];
      }
    },
    dotRow(row, vector) {
      let sum = 0;
      for (let part = 0; part < parts; part++) {
        const from = quantizer.centroid(part, codes[row * parts + part]);
        const width = quantizer.width(part);
        for (let i = 0; i < width; i++)
          sum = Math.fround(sum + Math.fround(vector[part * partWidth + i] * centroids[from + i]));
      }
      return Math.fround(sum * normOf(row));
    },
  };
}
