// Packs strings into one buffer that moves between threads, and unpacks them again.

import type { StringBatch } from './worker-pool.ts';

/** @example unpackStrings(packStrings(['a', 'b'])) gives ['a', 'b'] */
export function packStrings(strings: readonly string[]): StringBatch {
  const wide = strings.some((text) => !text.isWellFormed());
  const encoding = wide ? 'utf16le' : 'utf8';
  const offsets = new Uint32Array(strings.length + 1);
  for (let i = 0; i < strings.length; i++) {
    offsets[i + 1] = offsets[i] + (wide ? strings[i].length * 2 : Buffer.byteLength(strings[i]));
  }
  const bytes = Buffer.allocUnsafeSlow(offsets[strings.length]);
  for (let i = 0; i < strings.length; i++) bytes.write(strings[i], offsets[i], encoding);
  return { bytes, offsets, wide };
}

export function unpackStrings(batch: StringBatch): string[] {
  const view = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  const encoding = batch.wide ? 'utf16le' : 'utf8';
  const strings: string[] = [];
  for (let i = 0; i + 1 < batch.offsets.length; i++) {
    strings.push(view.toString(encoding, batch.offsets[i], batch.offsets[i + 1]));
  }
  return strings;
}
