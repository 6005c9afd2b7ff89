// Writes tiny fastText models by hand, in format version 12: the words' rows, the labels with their counts, the output rows.

export interface TinyModel {
  readonly loss: 'softmax' | 'hierarchical';
  readonly words: Readonly<Record<string, readonly [number, number]>>;
  readonly labels: Readonly<Record<string, number>>;
  readonly output: readonly (readonly [number, number])[];
  readonly minn?: number;
  readonly maxn?: number;
  /** Rows of subwords after the words' rows, each the same. */
  readonly buckets?: number;
  readonly subwords?: readonly [number, number];
  /** Input rows as codes of centroids, with lengths apart. */
  readonly quantized?: boolean;
}

const bytesOf = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const int32 = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
const int64 = (...values: number[]): Uint8Array => new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
const float32 = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

export function writeFastText(model: TinyModel): Uint8Array {
  const { words, labels, output, minn = 0, maxn = 0, buckets = 0, subwords = [0, 0] } = model;
  const rows = [...Object.values(words), ...Array.from({ length: buckets }, () => subwords)];
  const losses = { hierarchical: 1, softmax: 3 };
  const settings = int32(793712314, 12, 2, 5, 5, 1, 5, 1, losses[model.loss], 3, buckets, minn, maxn, 100);
  const count = Object.keys(words).length;
  const labelCount = Object.keys(labels).length;
  const entry = (name: string, times: number, kind: number): Uint8Array =>
    bytesOf(Buffer.from(`${name}\0`), int64(times), Uint8Array.of(kind));
  return bytesOf(
    settings,
    new Uint8Array(8),
    int32(count + labelCount, count, labelCount),
    int64(100, -1),
    ...Object.keys(words).map((word) => entry(word, 1, 0)),
    ...Object.entries(labels).map(([label, times]) => entry(`__label__${label}`, times, 1)),
    model.quantized
      ? bytesOf(Uint8Array.of(1), writeQuantized(rows))
      : bytesOf(Uint8Array.of(0), writeMatrix(rows)),
    Uint8Array.of(0),
    writeMatrix(output),
  );
}

function writeMatrix(rows: readonly (readonly number[])[]): Uint8Array {
  return bytesOf(int64(rows.length, 2), float32(rows.flat()));
}

/** One part of two columns; centroid i is row i of length 1, its length centroid i of a second quantiser. */
function writeQuantized(rows: readonly (readonly [number, number])[]): Uint8Array {
  const lengths = rows.map(([x, y]) => Math.hypot(x, y));
  const directions = rows.flatMap(([x, y], i) =>
    lengths[i] === 0 ? [0, 0] : [x / lengths[i], y / lengths[i]],
  );
  const padded = (values: readonly number[], size: number): number[] =>
    Array.from({ length: size }, (_, i) => values[i] ?? 0);
  const codes = Uint8Array.from(rows, (_, i) => i);
  return bytesOf(
    Uint8Array.of(1),
    int64(rows.length, 2),
    int32(codes.length),
    codes,
    int32(2, 1, 2, 2),
    float32(padded(directions, 512)),
    codes,
    int32(1, 1, 1, 1),
    float32(padded(lengths, 256)),
  );
}
