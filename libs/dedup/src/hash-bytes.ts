// 64-bit hashes, and spans of a text, as the bytes of a table's column.

/** Little-endian, one after the other. */
export function hashBytes(hashes: BigUint64Array): Uint8Array {
  return new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength);
}

/**
 * Pairs of 32-bit little-endian numbers: how far a span's start lies behind the start before it (0 before the first), and
 * its length. Small numbers, which compress.
 * @param spans start, end, start, end …, starts ascending
 */
export function spanBytes(spans: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(spans.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < spans.length; i += 2) {
    view.setUint32(i * 4, spans[i] - (i > 0 ? spans[i - 2] : 0), true);
    view.setUint32(i * 4 + 4, spans[i + 1] - spans[i], true);
  }
  return bytes;
}
