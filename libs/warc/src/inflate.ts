// Raw inflate (RFC 1951), synchronous, piece by piece, with one zlib state for all streams. Node's public functions offer
// either: inflateRawSync makes a state and a buffer for each call, which costs a third of reading a page, and its streams
// are asynchronous. So zlib's handle of a stream object is driven here; tests/warc/inflate.test.ts holds it to zlib's results.

import { constants, createInflateRaw, type InflateRaw } from 'node:zlib';

export interface Inflated {
  /** Bytes of input that were taken. */
  consumed: number;
  written: number;
  /** The stream ended; the output is full; more input is needed; the bytes are no deflate stream. */
  state: 'ended' | 'full' | 'more' | 'damaged';
}

export interface Inflater {
  /** Begins a new stream. */
  reset(): void;
  /**
   * Inflates from `input[from]` on into `output` from `at` on. The end of a stream is seen when a byte follows it, as a gzip
   * member's trailer does. The answer is good until the next call.
   */
  inflate(input: Uint8Array, from: number, output: Uint8Array, at: number): Inflated;
}

interface Internals {
  readonly _handle: {
    onerror: (message: string, errno: number, code: string) => void;
    // prettier-ignore
    writeSync(flush: number, input: Uint8Array, from: number, length: number, output: Uint8Array, at: number, room: number): void;
  };
  /** Bytes left of output and input. */
  readonly _writeState: Uint32Array;
}

/** For one stream at a time; there is nothing to close. */
export function createInflater(): Inflater {
  const stream = createInflateRaw() as InflateRaw & Internals;
  const { _handle: handle, _writeState: left } = stream;
  const result: Inflated = { consumed: 0, written: 0, state: 'more' };
  let isDamaged = false;
  handle.onerror = () => {
    isDamaged = true;
  };
  return {
    reset: () => stream.reset(),
    inflate(input, from, output, at) {
      const room = output.length - at;
      const length = input.length - from;
      isDamaged = false;
      handle.writeSync(constants.Z_SYNC_FLUSH, input, from, length, output, at, room);
      const [roomLeft, lengthLeft] = left;
      result.consumed = length - lengthLeft;
      result.written = room - roomLeft;
      if (isDamaged) {
        // The counts are those of an earlier call.
        result.consumed = result.written = 0;
        result.state = 'damaged';
      } else result.state = roomLeft === 0 ? 'full' : lengthLeft > 0 ? 'ended' : 'more';
      return result;
    },
  };
}
