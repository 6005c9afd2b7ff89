// Reads little-endian numbers and strings in order; running out of bytes is a DataError.

import { DataError } from '@gristmill/core';

export class ByteReader {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #advance(size: number): number {
    const at = this.#at;
    if (!(size >= 0) || at + size > this.#bytes.length)
      throw new DataError('fast-text-model', 'the fastText model ends too early', 'fetch the file anew');
    this.#at = at + size;
    return at;
  }

  byte(): number {
    return this.#bytes[this.#advance(1)];
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  int64(): number {
    return Number(this.#view.getBigInt64(this.#advance(8), true));
  }

  skip(size: number): void {
    this.#advance(size);
  }

  bytes(size: number): Uint8Array {
    const at = this.#advance(size);
    return this.#bytes.subarray(at, at + size);
  }

  floats(count: number): Float32Array {
    const bytes = this.bytes(count * 4);
    return new Float32Array(Uint8Array.from(bytes).buffer);
  }

  /** Up to the next zero byte, as bytes in Latin-1. */
  binaryString(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const size = end < 0 ? this.#bytes.length : end - this.#at;
    const text = Buffer.from(this.bytes(size)).toString('latin1');
    this.skip(1);
    return text;
  }
}
