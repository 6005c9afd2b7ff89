// The published patterns, by hand: each function gives the end of the pretoken at `at`. Words of ASCII letters, most of
// all text, are measured sixteen bytes at a time; everything else goes character by character.
// Reference: src/pretokenize-pattern.ts. The 16 bytes behind the text are zero.

import { BREAK, LETTER, LOWER, NUMBER, OTHER, PREFIX, SPACE, UPPER } from './layout';
import { classAt, skip } from './characters';

// @ts-ignore: decorator
@inline
function isBetween(bytes: v128, first: u8, count: u8): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(first)), i8x16.splat(count)));
}

/** The end of the ASCII letters at `from`, or 0 where there is none, or more than 15, or the word may go on. */
// @ts-ignore: decorator
@inline
function plainWordEnd(from: usize): usize {
  const bytes = v128.load(from);
  const letters = isBetween(v128.or(bytes, i8x16.splat(0x20)), 0x61, 26);
  const count = <usize>ctz(~letters);
  if (count - 1 >= 15) return 0;
  return load<u8>(from + count) < 0x80 ? from + count : 0;
}

/** As `plainWordEnd`, for one or more letters of upper and then lower case. */
// @ts-ignore: decorator
@inline
function plainCasedEnd(from: usize): usize {
  const bytes = v128.load(from);
  const upper = <usize>ctz(~isBetween(bytes, 0x41, 26));
  const count = upper + <usize>ctz(~(isBetween(bytes, 0x61, 26) >> <u32>upper));
  if (count - 1 >= 15) return 0;
  const next = load<u8>(from + count);
  return next < 0x80 && next != 0x27 ? from + count : 0;
}

/** Bytes of an English contraction at an apostrophe, or 0. Without case, the long s is an s too. */
function contraction(at: usize, end: usize, anyCase: bool): usize {
  if (at + 1 >= end) return 0;
  const fold: u32 = anyCase ? 0x20 : 0;
  const a: u32 = <u32>load<u8>(at, 1) | fold;
  if (a == 0x73 || a == 0x64 || a == 0x6d || a == 0x74) return 2;
  if (at + 2 >= end) return 0;
  if (anyCase && load<u8>(at, 1) == 0xc5 && load<u8>(at, 2) == 0xbf) return 3;
  const b: u32 = <u32>load<u8>(at, 2) | fold;
  if ((a == 0x6c && b == 0x6c) || (b == 0x65 && (a == 0x76 || a == 0x72))) return 3;
  return 0;
}

/** A run of white space without its last character when a word follows; up to its last line break if `breaks`;
 *  whole at the end of the text if `wholeAtEnd`. */
function spaceEnd(from: usize, end: usize, breaks: bool, wholeAtEnd: bool): usize {
  let at = from, last = from, lastBreak: usize = 0;
  while (at < end) {
    const kind = classAt(at);
    if ((kind & SPACE) == 0) break;
    last = at;
    at += kind >> 8;
    if (breaks && (kind & BREAK) != 0) lastBreak = at;
  }
  if (wholeAtEnd && at == end) return at;
  if (lastBreak != 0) return lastBreak;
  return at == end || last == from ? at : last;
}

// @ts-ignore: decorator
@inline
export function gpt2End(at: usize, end: usize): usize {
  const word = plainWordEnd(at + <usize>(load<u8>(at) == 0x20));
  return word != 0 ? word : gpt2Other(at, end);
}

function gpt2Other(at: usize, end: usize): usize {
  const first: u32 = load<u8>(at);
  if (first == 0x27) {
    const length = contraction(at, end, false);
    if (length != 0) return at + length;
  }
  const start = first == 0x20 ? at + 1 : at;
  if (start >= end) return end;
  const kind = classAt(start);
  const wanted = kind & (LETTER | NUMBER | OTHER);
  return wanted != 0 ? skip(start + (kind >> 8), end, wanted) : spaceEnd(at, end, false, true);
}

function numberEnd(at: usize, end: usize): usize {
  let stop = at;
  for (let i = 0; i < 3 && stop < end; i++) {
    const kind = classAt(stop);
    if ((kind & NUMBER) == 0) break;
    stop += kind >> 8;
  }
  return stop;
}

/** PREFIX leaves the apostrophe out here: a contraction comes first. */
// @ts-ignore: decorator
@inline
export function cl100kEnd(at: usize, end: usize): usize {
  const word = plainWordEnd(at + <usize>load<u8>(PREFIX + <usize>load<u8>(at)));
  return word != 0 ? word : cl100kOther(at, end);
}

function cl100kOther(at: usize, end: usize): usize {
  const first: u32 = load<u8>(at);
  if (first == 0x27) {
    const length = contraction(at, end, true);
    if (length != 0) return at + length;
  }
  const kind = classAt(at);
  const next = at + (kind >> 8);
  if ((kind & LETTER) != 0) return skip(next, end, LETTER);
  if ((kind & NUMBER) != 0) return numberEnd(at, end);
  if ((kind & BREAK) == 0 && next < end && (classAt(next) & LETTER) != 0) return skip(next, end, LETTER);
  const start = first == 0x20 ? next : at;
  if (start < end && (classAt(start) & OTHER) != 0) return skip(skip(start, end, OTHER), end, BREAK);
  return spaceEnd(at, end, true, true);
}

let upperEnd: usize = 0;

/** `[upper]*[lower]+` at `from`: its end or 0; leaves the end of the upper part, for `[upper]+[lower]*`. */
function mixedCaseEnd(from: usize, end: usize): usize {
  let at = from, lastLower: usize = 0;
  while (at < end) {
    const kind = classAt(at);
    if ((kind & UPPER) == 0) break;
    at += kind >> 8;
    if ((kind & LOWER) != 0) lastLower = at;
  }
  upperEnd = at;
  const stop = skip(at, end, LOWER);
  return stop > at ? stop : lastLower;
}

function wordEnd(at: usize, end: usize, kind: u32, next: usize): usize {
  let upper: usize = 0;
  if ((kind & (LETTER | NUMBER | BREAK)) == 0 && next < end) {
    const stop = mixedCaseEnd(next, end);
    if (stop != 0) return stop;
    if (upperEnd > next) upper = upperEnd;
  }
  if ((kind & (UPPER | LOWER)) == 0) return upper;
  const stop = mixedCaseEnd(at, end);
  if (stop != 0) return stop;
  if (upper != 0) return upper;
  return upperEnd > at ? upperEnd : 0;
}

// @ts-ignore: decorator
@inline
export function o200kEnd(at: usize, end: usize): usize {
  const word = plainCasedEnd(at + <usize>load<u8>(PREFIX + <usize>load<u8>(at)));
  return word != 0 ? word : o200kOther(at, end);
}

function o200kOther(at: usize, end: usize): usize {
  const first: u32 = load<u8>(at);
  const kind = classAt(at);
  const next = at + (kind >> 8);
  if ((kind & NUMBER) != 0) return numberEnd(at, end);
  const word = wordEnd(at, end, kind, next);
  if (word != 0) return word < end && load<u8>(word) == 0x27 ? word + contraction(word, end, true) : word;
  const start = first == 0x20 ? next : at;
  if (start < end && (classAt(start) & OTHER) != 0) {
    let stop = skip(start, end, OTHER);
    while (stop < end && (load<u8>(stop) == 0x2f || load<u8>(stop) == 0x0a || load<u8>(stop) == 0x0d)) stop++;
    return stop;
  }
  return spaceEnd(at, end, true, false);
}

/** @param pattern 0 gpt2, 1 cl100k_base, 2 o200k_base */
// @ts-ignore: decorator
@inline
export function pretokenEnd(at: usize, end: usize, pattern: i32): usize {
  return pattern == 0 ? gpt2End(at, end) : pattern == 1 ? cl100kEnd(at, end) : o200kEnd(at, end);
}
