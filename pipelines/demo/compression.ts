// What general compressors need for the validation text: the yardstick for the model's bits per byte.

import { gzipSync } from 'node:zlib';
import BZip2 from 'bzip2-wasm';

export interface Compression {
  readonly gzipBitsPerByte: number;
  readonly bzip2BitsPerByte: number;
}

/** Bits that `gzip -9` and `bzip2 -9` need for each byte of `text`. */
export async function measureCompression(text: Uint8Array): Promise<Compression> {
  const bzip2 = new BZip2();
  await bzip2.init();
  return {
    gzipBitsPerByte: (8 * gzipSync(text, { level: 9 }).length) / text.length,
    bzip2BitsPerByte: (8 * bzip2.compress(text, 9).length) / text.length,
  };
}
