// Where an archive's bytes come from: anything that can be read by position. A window over it keeps one stretch in
// memory, so that a file of any size is read front to back in bounded memory.

import { open } from 'node:fs/promises';

export interface ByteSource {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer at the end only. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file, open until disposed (`await using`). */
export async function openFile(path: string | Buffer): Promise<ByteSource & AsyncDisposable> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  return {
    size,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

export interface ByteWindow {
  /** Present stretch; `bytes[0]` lies at `offset`. */
  bytes: Uint8Array;
  offset: number;
  /** Makes the stretch begin at `offset` and hold `length` bytes, fewer at the file's end only. */
  move(offset: number, length: number): Promise<void>;
  /** The same when the bytes are there already; false when `move` has to read. */
  slide(offset: number, length: number): boolean;
  /** True when the stretch reaches the file's end. */
  atEnd(): boolean;
}

const readAhead = 4 * 1024 * 1024;

export function createWindow(source: ByteSource): ByteWindow {
  const window: ByteWindow = {
    bytes: new Uint8Array(),
    offset: 0,
    slide(offset, length) {
      const skip = offset - window.offset;
      const wanted = Math.min(length, source.size - offset);
      if (skip < 0 || window.bytes.length - skip < wanted) return false;
      window.bytes = window.bytes.subarray(skip);
      window.offset = offset;
      return true;
    },
    async move(offset, length) {
      if (window.slide(offset, length)) return;
      window.bytes = await source.read(offset, Math.max(length, readAhead));
      window.offset = offset;
    },
    atEnd: () => window.offset + window.bytes.length >= source.size,
  };
  return window;
}
