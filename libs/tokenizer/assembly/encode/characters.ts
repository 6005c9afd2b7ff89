// Classes of characters, straight from UTF-8. The host learns 256 code points at a time, when the first of them is met.

import { CLASS } from './layout';

/** Fills the classes of the 256 code points around this one. */
@external("host", "learn")
declare function learn(point: u32): void;

/** Class bits, and above them (>> 8) the length in bytes, of the character at `at`. */
// @ts-ignore: decorator
@inline
export function classAt(at: usize): u32 {
  const byte: u32 = load<u8>(at);
  return byte < 0x80 ? 0x100 | load<u8>(CLASS + <usize>byte) : classOfWide(at, byte);
}

function classOfWide(at: usize, a: u32): u32 {
  let point: u32, length: u32;
  if (a < 0xe0) {
    length = 0x200;
    point = ((a & 0x1f) << 6) | (load<u8>(at, 1) & 0x3f);
  } else if (a < 0xf0) {
    length = 0x300;
    point = ((a & 0xf) << 12) | ((<u32>load<u8>(at, 1) & 0x3f) << 6) | (load<u8>(at, 2) & 0x3f);
  } else {
    length = 0x400;
    point = ((a & 7) << 18) | ((<u32>load<u8>(at, 1) & 0x3f) << 12) | ((<u32>load<u8>(at, 2) & 0x3f) << 6) | (load<u8>(at, 3) & 0x3f);
  }
  let known: u32 = load<u8>(CLASS + <usize>point);
  if (known == 0) {
    learn(point);
    known = load<u8>(CLASS + <usize>point);
  }
  return length | known;
}

/** The end of a run of characters that have one of the wanted bits. */
export function skip(from: usize, end: usize, wanted: u32): usize {
  let at = from;
  while (at < end) {
    const kind = classAt(at);
    if ((kind & wanted) == 0) break;
    at += kind >> 8;
  }
  return at;
}
