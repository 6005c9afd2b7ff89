// A gzip member that is longer than what is read at once: one record of many megabytes, or a whole archive in one member, as
// `gzip x.warc` makes it. A window over what it decodes to, front to back, in memory that does not grow with its length.

import { crc32 } from 'node:zlib';
import type { ByteWindow } from './byte-source.ts';
import { headerLength, isTrailer, trailerLength } from './gzip-member.ts';
import type { Inflater } from './inflate.ts';

export interface LongMember extends ByteWindow {
  /** Offset in the file behind the member; undefined before its end is reached, and when it has none. */
  readonly storedEnd: number | undefined;
  /** Why it ends early. */
  readonly failure: 'truncated' | 'bad-gzip' | undefined;
}

const readAhead = 1024 * 1024;
/** What is decoded in one go is lost where damage follows in it. */
const pieceBytes = 64 * 1024;

/** @param file stands at the member's beginning; it is read on while the member is. */
export function openLongMember(file: ByteWindow, inflater: Inflater): LongMember {
  const header = headerLength(file.bytes, 0);
  let position = file.offset + Math.max(0, header);
  let isDone = header <= 0;
  let crc = 0;
  let length = 0;
  let storedEnd: number | undefined;
  let failure: LongMember['failure'] = header > 0 ? undefined : header === 0 ? 'bad-gzip' : 'truncated';
  inflater.reset();

  const end = (reason?: LongMember['failure']): void => {
    isDone = true;
    failure = reason;
  };

  /** Inflates into `output` from `at` on; returns up to where it is filled. */
  async function fill(output: Uint8Array, at: number): Promise<number> {
    for (let to = at; ;) {
      await file.move(position, readAhead);
      const piece = output.subarray(0, to + pieceBytes);
      const { consumed, written, state } = inflater.inflate(file.bytes, 0, piece, to);
      crc = crc32(output.subarray(to, to + written), crc);
      length += written;
      position += consumed;
      to += written;
      if (state === 'damaged') end('bad-gzip');
      else if (state === 'ended') await readTrailer();
      else if (state === 'more' && file.atEnd()) end('truncated');
      if (isDone || to === output.length) return to;
    }
  }

  async function readTrailer(): Promise<void> {
    await file.move(position, trailerLength);
    if (file.bytes.length < trailerLength) return end('truncated');
    if (!isTrailer(file.bytes, 0, crc, length)) return end('bad-gzip');
    storedEnd = position + trailerLength;
    end();
  }

  const window: ByteWindow = {
    bytes: new Uint8Array(),
    offset: 0,
    slide(offset, wanted) {
      const skip = offset - window.offset;
      if (skip < 0 || skip > window.bytes.length) return false;
      if (window.bytes.length - skip < wanted && !isDone) return false;
      window.bytes = window.bytes.subarray(skip);
      window.offset = offset;
      return true;
    },
    async move(offset, wanted) {
      while (offset > window.offset + window.bytes.length && !isDone) {
        const passed = window.offset + window.bytes.length;
        const buffer = Buffer.allocUnsafe(Math.min(readAhead, offset - passed));
        window.bytes = buffer.subarray(0, await fill(buffer, 0));
        window.offset = passed;
      }
      if (window.slide(offset, wanted)) return;
      // Room is made as it is filled: a length is a claim.
      let held = window.bytes.subarray(Math.min(offset - window.offset, window.bytes.length));
      do {
        const buffer = Buffer.allocUnsafeSlow(Math.max(2 * held.length, readAhead));
        buffer.set(held);
        held = buffer.subarray(0, await fill(buffer, held.length));
      } while (held.length < wanted && !isDone);
      window.bytes = held;
      window.offset = offset;
    },
    atEnd: () => isDone,
  };
  return Object.defineProperties(window, {
    storedEnd: { get: () => storedEnd },
    failure: { get: () => failure },
  }) as LongMember;
}
