// bfloat16: the upper half of a single-precision number, rounded to the nearest, ties to even.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export function roundToBf16(value: number): number {
  float[0] = value;
  if (Number.isNaN(value)) return NaN;
  const tie = (bits[0] >>> 16) & 1;
  bits[0] = (bits[0] + 0x7fff + tie) & 0xffff0000;
  return float[0];
}

/** The upper halves, as files and devices hold them. */
export function packBf16(data: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(Float32Array.from(data, roundToBf16).buffer);
  return Uint16Array.from(words, (word) => word >>> 16);
}

export function unpackBf16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
