// asc: --enable simd --initialMemory 40
// Raw inflate (RFC 1951) of a whole stream from memory to memory, in the way of libdeflate (Eric Biggers): a buffer of 64
// bits, wide tables whose entries hold the symbol with all bits to consume, several literals a refill, copies of 16 bytes.
// It gives up (0) on whatever is not a sound stream that fits: zlib has the last word on that.
//
// An entry of a table: bits 0-7 what to consume, code and extra bits together; 8-13 length of the code, or of a subtable's
// index; 16-31 the literal, the base of a length or an offset, or where the subtable begins. Flags below.

const LITERAL: u32 = 0x80000000;
/** Neither literal nor length: one of the three below. */
const SPECIAL: u32 = 0x8000;
const SUBTABLE: u32 = 0x4000;
const END: u32 = 0x2000;

const LITERAL_BITS = 11;
const OFFSET_BITS = 8;
const CODE_BITS = 7;

export const INPUT: usize = 0x10000;
/** Room for input; behind it some bytes may be read. */
export const INPUT_ROOM: usize = 0x100000;
export const OUTPUT: usize = 0x120000;
export const OUTPUT_ROOM: usize = 0x100000;

// Places of the tables: constants, so that a look-up needs no addition.
const literalTable: usize = 0x2000;
const offsetTable: usize = 0x6000;
const codeTable: usize = 0x7000;
const lengths: usize = memory.data(512, 16);
const sorted: usize = memory.data(2 * 320, 16);
const counts: usize = memory.data(4 * 16, 16);
const starts: usize = memory.data(4 * 16, 16);

const codeOrder = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
const lengthBases = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
const lengthExtras = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const offsetBases = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]);

/** Bytes of the input that the stream took. */
export let consumed: i32 = 0;

/** What an entry says beside its code: a literal or a length, of symbols 0 to 287. */
function literalResult(symbol: u32): u32 {
  if (symbol < 256) return LITERAL | (symbol << 16);
  if (symbol == 256) return SPECIAL | END;
  const at = symbol - 257;
  if (at > 28) return SPECIAL;
  return (<u32>load<u16>(lengthBases + (at << 1)) << 16) | load<u8>(lengthExtras + at);
}

function offsetResult(symbol: u32): u32 {
  if (symbol > 29) return SPECIAL;
  const extra = symbol < 2 ? 0 : (symbol >> 1) - 1;
  return (<u32>load<u16>(offsetBases + (symbol << 1)) << 16) | extra;
}

/** Results of each kind of symbol, made once; a kind is named by where its results lie. */
const CODES: usize = 0x8000;
const LITERALS: usize = 0x8100;
const OFFSETS: usize = 0x8800;
for (let symbol: u32 = 0; symbol < 19; symbol++) store<u32>(CODES + (symbol << 2), symbol << 16);
for (let symbol: u32 = 0; symbol < 288; symbol++) store<u32>(LITERALS + (symbol << 2), literalResult(symbol));
for (let symbol: u32 = 0; symbol < 32; symbol++) store<u32>(OFFSETS + (symbol << 2), offsetResult(symbol));

/** A table's entry for a symbol whose code has `length` bits. */
// @ts-ignore: decorator
@inline
function entryOf(results: usize, symbol: u32, length: u32): u32 {
  const result = load<u32>(results + (symbol << 2));
  // No code stands for a symbol that means nothing.
  const isCode = (result & (SPECIAL | END)) != SPECIAL;
  return result + select<u32>((length << 8) | length, 0, isCode);
}

/** The next code of `length` bits, codes being kept from their last bit to their first. */
// @ts-ignore: decorator
@inline
function nextCode(code: u32, length: u32): u32 {
  const free = code ^ ((1 << length) - 1);
  if (free == 0) return 0;
  const bit: u32 = 1 << (31 - clz(free));
  return (code & (bit - 1)) | bit;
}

/** A table of one code of one bit, or of none. */
function buildSingle(table: usize, bits: u32, lens: usize, symbols: u32, results: usize): bool {
  let entry = SPECIAL;
  for (let i: u32 = 0; i < symbols; i++) {
    const length = load<u8>(lens + i);
    if (length > 1) return false;
    if (length == 0) continue;
    entry = entryOf(results, i, 1);
  }
  for (let at: u32 = 0; at < <u32>1 << bits; at++)
    store<u32>(table + (at << 2), at & 1 ? SPECIAL : entry);
  return true;
}

/** Builds a table from code lengths. False where they are no whole code. */
function build(table: usize, bits: u32, lens: usize, symbols: u32, results: usize): bool {
  memory.fill(counts, 0, 64);
  for (let i: u32 = 0; i < symbols; i++) {
    const at = counts + (<usize>load<u8>(lens + i) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  const unused = load<u32>(counts);
  if (symbols - unused <= 1 && results != CODES) return buildSingle(table, bits, lens, symbols, results);
  store<u32>(counts, 0);
  let left: i32 = 1;
  let start: u32 = 0;
  let longest: u32 = 0;
  for (let length: u32 = 1; length < 16; length++) {
    const count = load<u32>(counts + (length << 2));
    store<u32>(starts + (length << 2), start);
    start += count;
    left = (left << 1) - <i32>count;
    if (left < 0) return false;
    if (count > 0) longest = length;
  }
  if (left != 0) return false;
  for (let i: u32 = 0; i < symbols; i++) {
    const length = <usize>load<u8>(lens + i);
    if (length == 0) continue;
    const at = starts + (length << 2);
    const place = load<u32>(at);
    store<u16>(sorted + (place << 1), <u16>i);
    store<u32>(at, place + 1);
  }
  let code: u32 = 0;
  let next: u32 = 0;
  let length: u32 = 1;
  // Of as many bits as the codes so far have; twice as large with each further bit.
  let size: u32 = 1;
  const shortEnd = min(longest, bits);
  for (; length <= shortEnd; length++) {
    if (next > 0) memory.copy(table + (size << 2), table, size << 2);
    size <<= 1;
    for (let n = load<u32>(counts + (length << 2)); n > 0; n--) {
      store<u32>(table + (code << 2), entryOf(results, load<u16>(sorted + (next++ << 1)), length));
      code = nextCode(code, length);
    }
  }
  for (; length <= bits; length++) {
    memory.copy(table + (size << 2), table, size << 2);
    size <<= 1;
  }
  // Longer codes: subtables behind the table, one for each beginning of that many bits.
  let prefix: u32 = 0xffffffff;
  let subStart: u32 = 0;
  let subBits: u32 = 0;
  let end: u32 = 1 << bits;
  for (; length <= longest; length++) {
    for (let n = load<u32>(counts + (length << 2)); n > 0; n--) {
      if ((code & ((1 << bits) - 1)) != prefix) {
        prefix = code & ((1 << bits) - 1);
        subStart = end;
        subBits = length - bits;
        let room: i32 = <i32>(1 << subBits) - <i32>n;
        for (let l = length + 1; room > 0 && l <= longest; l++) {
          subBits++;
          room = (room << 1) - load<i32>(counts + (l << 2));
        }
        end = subStart + (1 << subBits);
        store<u32>(table + (prefix << 2), (subStart << 16) | SPECIAL | SUBTABLE | (subBits << 8) | bits);
      }
      const short = length - bits;
      const entry = entryOf(results, load<u16>(sorted + (next++ << 1)), short);
      const step: u32 = 1 << short;
      for (let at = subStart + (code >> bits); at < end; at += step) store<u32>(table + (at << 2), entry);
      code = nextCode(code, length);
    }
  }
  return true;
}

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
