// Gzip members (RFC 1952) one at a time: an archive of records is a row of members, and a record is found by the
// offset of its own. zlib's raw inflate stops at a member's end and says how much it consumed, which its gunzip does not.

import { crc32 } from 'node:zlib';
import { createDeflater } from './deflate.ts';
import { createInflater, type Inflater } from './inflate.ts';
import { createWholeInflater } from './whole-inflate.ts';

export interface Member {
  readonly bytes: Uint8Array;
  /** Bytes of the file that the member takes. */
  readonly storedLength: number;
}

export type MemberError =
  /** More input is needed, or the file ends here. */
  'truncated' | 'bad-gzip' | 'too-large';

export const trailerLength = 8;

/** Length of the member's header, 0 when no member starts at `start`, -1 when more bytes are needed. */
export function headerLength(bytes: Uint8Array, start: number): number {
  if (bytes.length - start < 10) return -1;
  if (bytes[start] !== 0x1f || bytes[start + 1] !== 0x8b || bytes[start + 2] !== 8) return 0;
  const flags = bytes[start + 3];
  let at = start + 10;
  if (flags & 4) at += 2 + bytes[at] + 256 * bytes[at + 1];
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return -1;
    at = end + 1;
  }
  if (flags & 2) at += 2;
  return at < bytes.length ? at - start : -1;
}

export interface MemberReader {
  /** Free between two calls. */
  readonly inflater: Inflater;
  /** Reads the member at `start`; checks its CRC and length. `maxBytes` bounds the decoded length. */
  read(bytes: Uint8Array, start: number, maxBytes: number): Member | MemberError;
  /** What can be had of the member at `start`, at most about `maxBytes`; nothing of one that is damaged. */
  salvage(bytes: Uint8Array, start: number, maxBytes: number): Uint8Array;
}

/** Small members share a buffer, since one for each costs as much as a third of its decoding. */
const sharedBytes = 512 * 1024;

const idle: (MemberReader & { forget(): void })[] = [];

/** A reader that nobody else uses until it is disposed: many archives are opened for one record. */
export function borrowMemberReader(): MemberReader & Disposable {
  const reader = idle.pop() ?? createMemberReader(createInflater());
  return {
    ...reader,
    [Symbol.dispose]() {
      reader.forget();
      idle.push(reader);
    },
  };
}

function createMemberReader(inflater: Inflater): MemberReader & { forget(): void } {
  const whole = createWholeInflater();
  let shared = Buffer.allocUnsafeSlow(sharedBytes);
  let used = 0;

  /** Leaves where the input stands in `position`. */
  let position = 0;
  function inflateTo(
    bytes: Uint8Array,
    maxBytes: number,
  ): { bytes: Uint8Array; state: 'ended' | MemberError } {
    if (sharedBytes - used < sharedBytes / 16) [shared, used] = [Buffer.allocUnsafeSlow(sharedBytes), 0];
    let output = shared;
    let from = used;
    let at = from;
    inflater.reset();
    for (;;) {
      const { consumed, written, state } = inflater.inflate(bytes, position, output, at);
      position += consumed;
      at += written;
      if (state === 'full' && at - from <= maxBytes) {
        const larger = Buffer.allocUnsafeSlow(2 * Math.max(at - from, sharedBytes));
        larger.set(output.subarray(from, at));
        [output, at, from] = [larger, at - from, 0];
        continue;
      }
      if (output === shared) used = at;
      const decoded = output.subarray(from, at);
      if (decoded.length > maxBytes) return { bytes: decoded, state: 'too-large' };
      return {
        bytes: decoded,
        state: state === 'ended' ? state : state === 'more' ? 'truncated' : 'bad-gzip',
      };
    }
  }

  /** A copy that lasts. */
  function keep(decoded: Uint8Array): Uint8Array {
    if (decoded.length > sharedBytes / 4) return Buffer.from(decoded);
    if (sharedBytes - used < decoded.length) [shared, used] = [Buffer.allocUnsafeSlow(sharedBytes), 0];
    const kept = shared.subarray(used, used + decoded.length);
    kept.set(decoded);
    used += decoded.length;
    return kept;
  }

  /** An ordinary member; undefined for all others. */
  function readWhole(bytes: Uint8Array, start: number, maxBytes: number): Member | undefined {
    const decoded = whole.inflate(bytes, position);
    const end = position + whole.consumed;
    if (!decoded || decoded.length > maxBytes || end + trailerLength > bytes.length) return undefined;
    const kept = keep(decoded);
    if (!isTrailer(bytes, end, crc32(kept), kept.length)) return undefined;
    return { bytes: kept, storedLength: end + trailerLength - start };
  }

  return {
    inflater,
    forget: () => whole.forget(),
    read(bytes, start, maxBytes) {
      const header = headerLength(bytes, start);
      if (header <= 0) return header === 0 ? 'bad-gzip' : 'truncated';
      position = start + header;
      const member = readWhole(bytes, start, maxBytes);
      if (member) return member;
      const { bytes: decoded, state } = inflateTo(bytes, maxBytes);
      if (state !== 'ended') return state;
      if (position + trailerLength > bytes.length) return 'truncated';
      const sound = isTrailer(bytes, position, crc32(decoded), decoded.length);
      return sound ? { bytes: decoded, storedLength: position + trailerLength - start } : 'bad-gzip';
    },
    salvage(bytes, start, maxBytes) {
      const header = headerLength(bytes, start);
      if (header <= 0) return new Uint8Array();
      position = start + header;
      const { bytes: decoded, state } = inflateTo(bytes, maxBytes);
      return state === 'bad-gzip' ? new Uint8Array() : decoded;
    },
  };
}

/** Whether the trailer at `at` tells this CRC and length. */
export function isTrailer(bytes: Uint8Array, at: number, crc: number, length: number): boolean {
  return uint32(bytes, at) === crc && uint32(bytes, at + 4) === length % 2 ** 32;
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

let deflate: ReturnType<typeof createDeflater> | undefined;

/** One member; the bytes depend on the input and zlib alone: no time, no name, no operating system in the header. */
export function writeMember(bytes: Uint8Array): Uint8Array {
  deflate ??= createDeflater();
  const body = deflate(bytes);
  const member = Buffer.allocUnsafe(10 + body.length + 8);
  member.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  member.set(body, 10);
  member.writeUInt32LE(crc32(bytes), 10 + body.length);
  member.writeUInt32LE(bytes.length % 2 ** 32, 14 + body.length);
  return member;
}
