// Buffers of one size that are used again. A holder counts itself in and out; the last one out gives the buffer back.

export interface PooledBuffer {
  readonly bytes: Uint8Array;
  hold(): void;
  release(): void;
}

export interface BufferPool {
  /** Held once. Larger than the pool's size: fresh, and not kept. */
  take(length: number): PooledBuffer;
}

export function createBufferPool(size: number, kept: number): BufferPool {
  const free: ArrayBuffer[] = [];
  return {
    take(length) {
      const buffer = length <= size ? (free.pop() ?? new ArrayBuffer(size)) : new ArrayBuffer(length);
      let holders = 1;
      return {
        bytes: new Uint8Array(buffer, 0, length),
        hold: () => void holders++,
        release() {
          holders--;
          if (holders === 0 && buffer.byteLength === size && free.length < kept) free.push(buffer);
        },
      };
    },
  };
}
