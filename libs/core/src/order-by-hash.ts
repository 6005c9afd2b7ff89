// The order of millions of things by their hashes, in 12 bytes of memory each and without a comparison where the first
// bits differ: number and leading bits are sorted together as one double.

export interface Hashed {
  readonly count: number;
  /** The first 32 bits of the hash of thing number i. */
  leading(i: number): number;
  /** Sign of the order of two hashes; equal ones are put in the order of their numbers. */
  compare(i: number, j: number): number;
}

/** The numbers 0 … count − 1 in ascending order of their hashes; with `skip`, only those for which it is false. */
export function orderByHash({ count, leading, compare }: Hashed, skip?: (i: number) => boolean): Uint32Array {
  const numberBits = Math.max(1, Math.ceil(Math.log2(count)));
  const dropped = 2 ** Math.max(0, numberBits - 21);
  const scale = 2 ** numberBits;
  const keys = new Float64Array(count);
  let length = 0;
  for (let i = 0; i < count; i++)
    if (!skip?.(i)) keys[length++] = Math.floor(leading(i) / dropped) * scale + i;
  const sorted = keys.subarray(0, length).sort();
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = sorted[i] % scale;
  const prefix = (place: number) => Math.floor(sorted[place] / scale);
  for (let from = 0, to; from < length; from = to) {
    to = from + 1;
    while (to < length && prefix(to) === prefix(from)) to++;
    if (to - from > 1) order.subarray(from, to).sort((i, j) => compare(i, j) || i - j);
  }
  return order;
}
