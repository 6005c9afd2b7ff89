// Philox 4x32-10 (Salmon et al., SC 2011): random bits as a function of a counter and a key, without state, so any
// executor can draw element i of any operation at any step, forwards and backwards alike.

/** Four 32-bit words from a counter of four and a key of two. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    const high0 = multiplyHigh(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** Upper 32 bits of the unsigned product, by 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000)) | 0;
}

/** Fills `out` with the bits of one operation: element i is word i mod 4 of block i div 4. */
export function fillPhilox(out: Uint32Array, counter: ArrayLike<number>, stream: number): void {
  const [seed, step, lane] = [counter[0], counter[1], counter[2]];
  for (let i = 0; i < out.length; i += 4) {
    const words = philox4x32([i >>> 2, step, lane, 0], [seed, stream]);
    for (let word = 0; word < 4 && i + word < out.length; word++) out[i + word] = words[word];
  }
}
