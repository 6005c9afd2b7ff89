// asc: --enable simd --initialMemory 40
// Raw inflate (RFC 1951) of a whole stream from memory to memory, in the way of libdeflate (Eric Biggers): a buffer of 64
// bits, wide tables whose entries hold the symbol with all bits to consume, several literals a refill, copies of 16 bytes.
// It gives up (0) on whatever is not a sound stream that fits: zlib has the last word on that.

import {
  LITERAL,
  SPECIAL,
  SUBTABLE,
  END,
  LITERAL_BITS,
  OFFSET_BITS,
  CODE_BITS,
  literalTable,
  offsetTable,
  codeTable,
  lengths,
  codeOrder,
  CODES,
  LITERALS,
  OFFSETS,
  build,
} from './inflate/tables';

export const INPUT: usize = 0x10000;
/** Room for input; behind it some bytes may be read. */
export const INPUT_ROOM: usize = 0x100000;
export const OUTPUT: usize = 0x120000;
export const OUTPUT_ROOM: usize = 0x100000;

/** Bytes of the input that the stream took. */
export let consumed: i32 = 0;

// The stream as it is read.
let input: usize = 0;
let bitBuffer: u64 = 0;
let bitCount: u32 = 0;

// @ts-ignore: decorator
@inline
function refill(): void {
  bitBuffer |= load<u64>(input) << bitCount;
  input += (63 - bitCount) >> 3;
  bitCount |= 56;
}

// @ts-ignore: decorator
@inline
function take(bits: u32): u32 {
  const value = <u32>(bitBuffer & ((<u64>1 << bits) - 1));
  bitBuffer >>= bits;
  bitCount -= bits;
  return value;
}

/** The code lengths of a dynamic block, and its tables. */
function readTables(): bool {
  refill();
  const literals = take(5) + 257;
  const offsets = take(5) + 1;
  const codes = take(4) + 4;
  if (literals > 286 || offsets > 30) return false;
  memory.fill(lengths, 0, 19);
  for (let i: u32 = 0; i < codes; i++) {
    if (bitCount < 3) refill();
    store<u8>(lengths + load<u8>(codeOrder + i), <u8>take(3));
  }
  if (!build(codeTable, CODE_BITS, lengths, 19, CODES)) return false;
  const all = literals + offsets;
  let at: u32 = 0;
  while (at < all) {
    refill();
    const entry = load<u32>(codeTable + ((<usize>bitBuffer & 127) << 2));
    take(entry & 0xff);
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(lengths + at++, <u8>symbol);
      continue;
    }
    let value: u8 = 0;
    let repeat: u32;
    if (symbol == 16) {
      if (at == 0) return false;
      value = load<u8>(lengths + at - 1);
      repeat = 3 + take(2);
    } else repeat = symbol == 17 ? 3 + take(3) : 11 + take(7);
    if (at + repeat > all) return false;
    memory.fill(lengths + at, value, repeat);
    at += repeat;
  }
  if (load<u8>(lengths + 256) == 0) return false;
  // Built first: the other table's lengths lie behind.
  return (
    build(offsetTable, OFFSET_BITS, lengths + literals, offsets, OFFSETS) &&
    build(literalTable, LITERAL_BITS, lengths, literals, LITERALS)
  );
}

function fixedTables(): bool {
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  if (!build(literalTable, LITERAL_BITS, lengths, 288, LITERALS)) return false;
  memory.fill(lengths, 5, 32);
  return build(offsetTable, OFFSET_BITS, lengths, 32, OFFSETS);
}

/**
 * Inflates the stream at `from` into OUTPUT. @param length bytes of input from there on
 * @returns bytes written + 1; 0 where it gave up: damaged, cut off, or more than OUTPUT_ROOM
 */
export function inflate(from: usize, length: usize): u32 {
  const inputEnd = from + length;
  const outputEnd = OUTPUT + OUTPUT_ROOM;
  // A match is 258 bytes at most, and is copied with up to 16 bytes too many.
  const outputFast = outputEnd - 300;
  let output = OUTPUT;
  input = from;
  bitBuffer = 0;
  bitCount = 0;
  for (;;) {
    refill();
    const isLast = take(1);
    const kind = take(2);
    if (kind == 0) {
      // What was read beyond the byte is given back.
      input -= bitCount >> 3;
      bitBuffer = 0;
      bitCount = 0;
      if (input + 4 > inputEnd) return 0;
      const size = <u32>load<u16>(input);
      if ((size ^ 0xffff) != <u32>load<u16>(input + 2)) return 0;
      input += 4;
      if (input + size > inputEnd || output + size > outputEnd) return 0;
      memory.copy(output, input, size);
      input += size;
      output += size;
    } else {
      if (kind == 3) return 0;
      if (!(kind == 1 ? fixedTables() : readTables())) return 0;
      if (input - (bitCount >> 3) > inputEnd) return 0;
      output = readBlock(output, outputFast, inputEnd, outputEnd);
      if (output == 0) return 0;
    }
    if (isLast) break;
  }
  input -= bitCount >> 3;
  if (input > inputEnd) return 0;
  consumed = <i32>(input - from);
  return <u32>(output - OUTPUT) + 1;
}

const literalMask: usize = (1 << LITERAL_BITS) - 1;
const offsetMask: usize = (1 << OFFSET_BITS) - 1;

/** The lowest bits of `buffer`, as many as the entry's code and extra bits, without the code. */
// @ts-ignore: decorator
@inline
function extraBits(buffer: u64, entry: u32): u32 {
  return <u32>((buffer & ((<u64>1 << (entry & 0xff)) - 1)) >> ((entry >> 8) & 0x3f));
}

/**
 * Symbols up to the end of the block. The next entry is loaded before the buffer is refilled and before a match is copied, so
 * that neither waits for the other. Of `count` and of shifts only the low bits count: entries need no mask.
 * @returns where the output stands, 0 where the stream is not sound
 */
function readBlock(start: usize, outputFast: usize, inputEnd: usize, outputEnd: usize): usize {
  let output = start;
  let at = input;
  let buffer = bitBuffer;
  let count = bitCount;
  buffer |= load<u64>(at) << count;
  at += 7 - ((count >> 3) & 7);
  count |= 56;
  let entry = load<u32>((<usize>buffer & literalMask) << 2, literalTable);
  for (;;) {
    if (output > outputFast || at > inputEnd + 8) break;
    let saved = buffer;
    buffer >>= entry;
    count -= entry;
    if (entry & LITERAL) {
      store<u8>(output, <u8>(entry >> 16));
      entry = load<u32>((<usize>buffer & literalMask) << 2, literalTable);
      saved = buffer;
      buffer >>= entry;
      count -= entry;
      output++;
      if (entry & LITERAL) {
        store<u8>(output, <u8>(entry >> 16));
        entry = load<u32>((<usize>buffer & literalMask) << 2, literalTable);
        saved = buffer;
        buffer >>= entry;
        count -= entry;
        output++;
        if (entry & LITERAL) {
          store<u8>(output, <u8>(entry >> 16));
          output++;
          entry = load<u32>((<usize>buffer & literalMask) << 2, literalTable);
          buffer |= load<u64>(at) << count;
          at += 7 - ((count >> 3) & 7);
          count |= 56;
          continue;
        }
      }
    }
    if (entry & SPECIAL) {
      if (entry & END) return leave(output, at, buffer, count & 63);
      if (!(entry & SUBTABLE)) return 0;
      const index = (entry >> 16) + <u32>(buffer & ((<u64>1 << ((entry >> 8) & 0x3f)) - 1));
      entry = load<u32>(<usize>index << 2, literalTable);
      saved = buffer;
      buffer >>= entry;
      count -= entry;
      if (entry & LITERAL) {
        store<u8>(output, <u8>(entry >> 16));
        output++;
        entry = load<u32>((<usize>buffer & literalMask) << 2, literalTable);
        buffer |= load<u64>(at) << count;
        at += 7 - ((count >> 3) & 7);
        count |= 56;
        continue;
      }
      if (entry & SPECIAL) return entry & END ? leave(output, at, buffer, count & 63) : 0;
    }
    const length = (entry >> 16) + extraBits(saved, entry);
    // Of 56 bits 42 may be taken; an offset has up to 28, and the next entry 11.
    if ((count & 63) < 39) {
      buffer |= load<u64>(at) << count;
      at += 7 - ((count >> 3) & 7);
      count |= 56;
    }
    entry = load<u32>((<usize>buffer & offsetMask) << 2, offsetTable);
    if (entry & SPECIAL) {
      if (!(entry & SUBTABLE)) return 0;
      buffer >>= OFFSET_BITS;
      count -= OFFSET_BITS;
      const index = (entry >> 16) + <u32>(buffer & ((<u64>1 << ((entry >> 8) & 0x3f)) - 1));
      entry = load<u32>(<usize>index << 2, offsetTable);
      if (entry & SPECIAL) return 0;
    }
    const offset = <usize>(entry >> 16) + extraBits(buffer, entry);
    buffer >>= entry;
    count -= entry;
    let source = output - offset;
    if (source < OUTPUT) return 0;
    entry = load<u32>((<usize>buffer & literalMask) << 2, literalTable);
    buffer |= load<u64>(at) << count;
    at += 7 - ((count >> 3) & 7);
    count |= 56;
    const end = output + length;
    if (offset >= 16) {
      v128.store(output, v128.load(source));
      v128.store(output, v128.load(source, 16), 16);
      if (length > 32) {
        output += 32;
        source += 32;
        do {
          v128.store(output, v128.load(source));
          output += 16;
          source += 16;
        } while (output < end);
      }
    } else if (offset >= 8) {
      do {
        store<u64>(output, load<u64>(source));
        store<u64>(output, load<u64>(source, 8), 8);
        output += 16;
        source += 16;
      } while (output < end);
    } else if (offset == 1) {
      const filled = i8x16.splat(load<i8>(source));
      do {
        v128.store(output, filled);
        output += 16;
      } while (output < end);
    } else {
      do store<u8>(output++, load<u8>(source++));
      while (output < end);
    }
    output = end;
  }
  return at > inputEnd + 8 ? 0 : readCarefully(leave(output, at, buffer, count & 63), inputEnd, outputEnd);
}

/** Leaves the stream where a block's reader stands. */
function leave(output: usize, at: usize, buffer: u64, count: u32): usize {
  input = at;
  // Bits above the count are those of bytes that will be read again.
  bitBuffer = buffer & ((<u64>1 << count) - 1);
  bitCount = count;
  return output;
}

/** The same near the end of the room, one symbol after the other. */
function readCarefully(start: usize, inputEnd: usize, outputEnd: usize): usize {
  let output = start;
  while (input <= inputEnd + 8) {
    refill();
    let entry = load<u32>((<usize>bitBuffer & literalMask) << 2, literalTable);
    if (entry & SUBTABLE && entry & SPECIAL && !(entry & LITERAL)) {
      take(LITERAL_BITS);
      const index = (entry >> 16) + <u32>(bitBuffer & ((<u64>1 << ((entry >> 8) & 0x3f)) - 1));
      entry = load<u32>(<usize>index << 2, literalTable);
    }
    const saved = bitBuffer;
    if (entry & LITERAL) {
      if (output >= outputEnd) return 0;
      take(entry & 0xff);
      store<u8>(output++, <u8>(entry >> 16));
      continue;
    }
    if (entry & SPECIAL) {
      if (!(entry & END)) return 0;
      take(entry & 0xff);
      return output;
    }
    const length = (entry >> 16) + extraBits(saved, entry);
    take(entry & 0xff);
    refill();
    entry = load<u32>((<usize>bitBuffer & offsetMask) << 2, offsetTable);
    if (entry & SPECIAL) {
      if (!(entry & SUBTABLE)) return 0;
      take(OFFSET_BITS);
      const index = (entry >> 16) + <u32>(bitBuffer & ((<u64>1 << ((entry >> 8) & 0x3f)) - 1));
      entry = load<u32>(<usize>index << 2, offsetTable);
      if (entry & SPECIAL) return 0;
    }
    const offset = <usize>(entry >> 16) + extraBits(bitBuffer, entry);
    take(entry & 0xff);
    let source = output - offset;
    const end = output + length;
    if (source < OUTPUT || end > outputEnd) return 0;
    while (output < end) store<u8>(output++, load<u8>(source++));
  }
  return 0;
}
