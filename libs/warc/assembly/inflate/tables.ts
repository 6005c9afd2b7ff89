// The tables by which codes are looked up, and how they are built from code lengths (RFC 1951, 3.2).
//
// An entry of a table: bits 0-7 what to consume, code and extra bits together; 8-13 length of the code, or of a subtable's
// index; 16-31 the literal, the base of a length or an offset, or where the subtable begins. Flags below.

export const LITERAL: u32 = 0x80000000;
/** Neither literal nor length: one of the three below. */
export const SPECIAL: u32 = 0x8000;
export const SUBTABLE: u32 = 0x4000;
export const END: u32 = 0x2000;

export const LITERAL_BITS = 11;
export const OFFSET_BITS = 8;
export const CODE_BITS = 7;

// Places of the tables: constants, so that a look-up needs no addition.
export const literalTable: usize = 0x2000;
export const offsetTable: usize = 0x6000;
export const codeTable: usize = 0x7000;
export const lengths: usize = memory.data(512, 16);
const sorted: usize = memory.data(2 * 320, 16);
const counts: usize = memory.data(4 * 16, 16);
const starts: usize = memory.data(4 * 16, 16);

export const codeOrder = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
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
export const CODES: usize = 0x8000;
export const LITERALS: usize = 0x8100;
export const OFFSETS: usize = 0x8800;
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
export function build(table: usize, bits: u32, lens: usize, symbols: u32, results: usize): bool {
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
