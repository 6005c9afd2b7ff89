// Checksums of a shard's token buffer: a CRC-32 (node:zlib) for each block, so that a loader that reads by ranges
// notices damage at the first touch without reading the whole file.

import { crc32 } from 'node:zlib';
import { blockBytes } from './token-index.ts';

/** CRC-32 of each block of `tokens`, as little-endian uint32 in base64. */
export function encodeBlockSums(tokens: Uint8Array): string {
  const sums = Buffer.alloc(4 * Math.ceil(tokens.length / blockBytes));
  for (let at = 0, block = 0; at < tokens.length; at += blockBytes, block++) {
    sums.writeUInt32LE(crc32(tokens.subarray(at, at + blockBytes)), 4 * block);
  }
  return sums.toString('base64');
}

/** True when the bytes of block `block` are those that were summed. */
export function isBlockIntact(bytes: Uint8Array, sums: Uint8Array, block: number): boolean {
  const found = new DataView(sums.buffer, sums.byteOffset, sums.byteLength).getUint32(4 * block, true);
  return found === crc32(bytes);
}
