// Gzip members (RFC 1952) one at a time: an archive of records is a row of members, and a record is found by the
// offset of its own. zlib's raw inflate stops at a member's end and says how much it consumed, which its gunzip does not.

import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

export interface Member {
  readonly bytes: Uint8Array;
  /** Bytes of the file that the member takes. */
  readonly storedLength: number;
}

export type MemberError =
  /** More input is needed, or the file ends here. */
  'truncated' | 'bad-gzip' | 'too-large';

/** Length of the member's header, 0 when no member starts at `start`, -1 when more bytes are needed. */
function headerLength(bytes: Uint8Array, start: number): number {
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

interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** Reads the member at `start`; checks its CRC and length. `maxBytes` bounds the decoded length. */
export function readMember(bytes: Uint8Array, start: number, maxBytes: number): Member | MemberError {
  const header = headerLength(bytes, start);
  if (header <= 0) return header === 0 ? 'bad-gzip' : 'truncated';
  let result: Inflated;
  try {
    const options = { info: true, maxOutputLength: maxBytes, chunkSize: 64 * 1024 };
    result = inflateRawSync(bytes.subarray(start + header), options) as unknown as Inflated;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') return 'truncated';
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'bad-gzip';
  }
  const trailer = start + header + result.engine.bytesWritten;
  if (trailer + 8 > bytes.length) return 'truncated';
  const view = new DataView(bytes.buffer, bytes.byteOffset + trailer, 8);
  const sound =
    view.getUint32(0, true) === crc32(result.buffer) && view.getUint32(4, true) === result.buffer.length;
  return sound ? { bytes: result.buffer, storedLength: trailer + 8 - start } : 'bad-gzip';
}

/** What can be had of a member that the file's end cuts off. */
export function salvageMember(bytes: Uint8Array, start: number, maxBytes: number): Uint8Array {
  const header = headerLength(bytes, start);
  if (header <= 0) return new Uint8Array();
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    return inflateRawSync(bytes.subarray(start + header), { finishFlush, maxOutputLength: maxBytes });
  } catch {
    return new Uint8Array();
  }
}

/** One member; the bytes depend on the input and zlib alone: no time, no name, no operating system in the header. */
export function writeMember(bytes: Uint8Array): Uint8Array {
  const body = deflateRawSync(bytes, { level: 6 });
  const member = Buffer.alloc(10 + body.length + 8);
  member.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  member.set(body, 10);
  member.writeUInt32LE(crc32(bytes), 10 + body.length);
  member.writeUInt32LE(bytes.length % 2 ** 32, 14 + body.length);
  return member;
}
