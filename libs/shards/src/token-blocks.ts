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

/** The same for bytes that come in pieces of any size. */
export function createBlockSums(): { update(bytes: Uint8Array): void; finish(): string } {
  const sums: number[] = [];
  let [sum, held] = [0, 0];
  const close = () => {
    sums.push(sum);
    [sum, held] = [0, 0];
  };
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length;) {
        const piece = bytes.subarray(at, at + blockBytes - held);
        sum = crc32(piece, sum);
        held += piece.length;
        at += piece.length;
        if (held === blockBytes) close();
      }
    },
    finish() {
      if (held > 0) close();
      const bytes = Buffer.alloc(4 * sums.length);
      sums.forEach((value, block) => bytes.writeUInt32LE(value, 4 * block));
      return bytes.toString('base64');
    },
  };
}

/** True when the bytes of block `block` are those that were summed. */
export function isBlockIntact(bytes: Uint8Array, sums: Uint8Array, block: number): boolean {
  const found = new DataView(sums.buffer, sums.byteOffset, sums.byteLength).getUint32(4 * block, true);
  return found === crc32(bytes);
}
