// asc: --enable bulk-memory --initialMemory 816 --uncheckedBehavior always
// Byte-level BPE over well-formed UTF-8: cuts text by one of the published patterns with hand-made scanners, looks whole
// pretokens up in a cache keyed by their bytes, and merges what is not there. Reference: src/tokenizer.ts (the regular
// expressions of pretokenize-pattern.ts and merge-piece.ts). A pretoken too long for the quadratic scan is left to the host.
// The text must be followed by 16 readable bytes.

/** Gives the class bits of a code point that was not met before. */
@external("host", "learn")
declare function learn(point: u32): u32;

// Memory: statics, a byte of class bits for each code point, scratch of one merge, cache, pool, output, merges, text.
const CLASS: usize = 65536;
const SCRATCH: usize = 1179648;
const CACHE: usize = 2097152;
const SLOTS: u32 = 1 << 20; // of 32 bytes: two words of key; count; three ids, or places in the pool
const POOL: usize = CACHE + 32 * <usize>SLOTS;
const POOL_END: usize = POOL + (16 << 20);
const OUTPUT: usize = POOL_END;
const OUTPUT_LIMIT: usize = OUTPUT + 4 * 131072;
const MERGES: usize = OUTPUT + (1 << 20); // slots of 16 bytes: left, right, merged, rank

const LONGEST: usize = 128; // bytes of a piece that is merged here
const FULL: u32 = 640000; // entries at which the cache is emptied
const INLINE: u32 = 3;
const NONE: u32 = 0x7fffffff;

// Bits of a class; KNOWN (128) marks a code point that was learnt.
const LETTER: u32 = 1, NUMBER: u32 = 2, SPACE: u32 = 4, BREAK: u32 = 8, UPPER: u32 = 16, LOWER: u32 = 32, OTHER: u32 = 64;

let mergeMask: u32 = 0;
let used: u32 = 0;
let poolTop: usize = POOL;
let produced: i32 = 0;
let longEnd: usize = 0;

export function setMergeSlots(slots: u32): void { mergeMask = slots - 1; }
/** Ids that the last `encode` wrote. */
export function outputCount(): i32 { return produced; }
/** End of the long piece that the last `encode` stopped at, or 0. */
export function longPieceEnd(): usize { return longEnd; }

/** Whether the cache has to be emptied, and given its whole pieces again, before more text. */
export function isFull(): bool { return used > FULL || poolTop > POOL_END - (1 << 20); }

export function clear(): void {
  memory.fill(CACHE, 0, 32 * <usize>SLOTS);
  used = 0;
  poolTop = POOL;
}

// ---- characters

let width: usize = 0;

@inline function classAt(at: usize): u32 {
  const byte: u32 = load<u8>(at);
  if (byte < 0x80) { width = 1; return load<u8>(CLASS + <usize>byte); }
  return classOfWide(at, byte);
}

function classOfWide(at: usize, a: u32): u32 {
  let point: u32;
  if (a < 0xe0) { width = 2; point = ((a & 0x1f) << 6) | (load<u8>(at, 1) & 0x3f); }
  else if (a < 0xf0) { width = 3; point = ((a & 0xf) << 12) | ((<u32>load<u8>(at, 1) & 0x3f) << 6) | (load<u8>(at, 2) & 0x3f); }
  else {
    width = 4;
    point = ((a & 7) << 18) | ((<u32>load<u8>(at, 1) & 0x3f) << 12) | ((<u32>load<u8>(at, 2) & 0x3f) << 6) | (load<u8>(at, 3) & 0x3f);
  }
  const known: u32 = load<u8>(CLASS + <usize>point);
  if (known != 0) return known;
  const learnt = learn(point);
  store<u8>(CLASS + <usize>point, learnt);
  return learnt;
}

@inline function skip(from: usize, end: usize, wanted: u32): usize {
  let at = from;
  while (at < end && (classAt(at) & wanted) != 0) at += width;
  return at;
}

// ---- pretokens: each function gives the end of the one at `at`

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
    at += width;
    if (breaks && (kind & BREAK) != 0) lastBreak = at;
  }
  if (wholeAtEnd && at == end) return at;
  if (lastBreak != 0) return lastBreak;
  return at == end || last == from ? at : last;
}

@inline function gpt2End(at: usize, end: usize): usize {
  const first: u32 = load<u8>(at);
  if (first == 0x27) {
    const length = contraction(at, end, false);
    if (length != 0) return at + length;
  }
  const start = first == 0x20 ? at + 1 : at;
  if (start >= end) return end;
  const kind = classAt(start);
  const wanted = kind & (LETTER | NUMBER | OTHER);
  return wanted != 0 ? skip(start + width, end, wanted) : spaceEnd(at, end, false, true);
}

@inline function numberEnd(at: usize, end: usize): usize {
  let stop = at;
  for (let i = 0; i < 3 && stop < end && (classAt(stop) & NUMBER) != 0; i++) stop += width;
  return stop;
}

@inline function cl100kEnd(at: usize, end: usize): usize {
  const first: u32 = load<u8>(at);
  if (first == 0x27) {
    const length = contraction(at, end, true);
    if (length != 0) return at + length;
  }
  const kind = classAt(at);
  const next = at + width;
  if ((kind & LETTER) != 0) return skip(next, end, LETTER);
  if ((kind & NUMBER) != 0) return numberEnd(at, end);
  if ((kind & BREAK) == 0 && next < end && (classAt(next) & LETTER) != 0) return skip(next + width, end, LETTER);
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
    at += width;
    if ((kind & LOWER) != 0) lastLower = at;
  }
  upperEnd = at;
  const stop = skip(at, end, LOWER);
  return stop > at ? stop : lastLower;
}

function wordEnd(at: usize, end: usize, kind: u32, next: usize): usize {
  const prefixed = (kind & (LETTER | NUMBER | BREAK)) == 0 && next < end;
  let upper: usize = 0;
  if (prefixed) {
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

@inline function o200kEnd(at: usize, end: usize): usize {
  const first: u32 = load<u8>(at);
  const kind = classAt(at);
  const next = at + width;
  if ((kind & NUMBER) != 0) return numberEnd(at, end);
  const word = wordEnd(at, end, kind, next);
  if (word != 0) {
    return word < end && load<u8>(word) == 0x27 ? word + contraction(word, end, true) : word;
  }
  const start = first == 0x20 ? next : at;
  if (start < end && (classAt(start) & OTHER) != 0) {
    let stop = skip(start, end, OTHER);
    while (stop < end && (load<u8>(stop) == 0x2f || load<u8>(stop) == 0x0a || load<u8>(stop) == 0x0d)) stop++;
    return stop;
  }
  return spaceEnd(at, end, true, false);
}

// ---- merging

let foundMerged: u32 = 0;

@inline function rankOf(left: u32, right: u32): u32 {
  let slot = (left * 0x9e3779b1) ^ ((right + 0x7f4a7c15) * 0x85ebca6b);
  slot = (slot ^ (slot >> 15)) & mergeMask;
  while (true) {
    const entry = MERGES + (<usize>slot << 4);
    const known = load<u32>(entry);
    if (known == left && load<u32>(entry, 4) == right) {
      foundMerged = load<u32>(entry, 8);
      return load<u32>(entry, 12);
    }
    if (known == 0xffffffff) return NONE;
    slot = (slot + 1) & mergeMask;
  }
  return NONE;
}

const PARTS: usize = SCRATCH + 1024; // 12 bytes: id, rank of the pair with the next, its merged id
@inline function setPair(part: usize): void {
  store<u32>(part, rankOf(load<u32>(part), load<u32>(part, 12)), 4);
  store<u32>(part, foundMerged, 8);
}

/** Always the pair of least rank, leftmost first. Ids of single bytes lie at SCRATCH. Returns the number of ids. */
function merge(at: usize, length: usize): u32 {
  let count = <u32>length;
  for (let i: usize = 0; i < length; i++) store<u32>(PARTS + i * 12, load<u32>(SCRATCH + (<usize>load<u8>(at + i) << 2)));
  let end = PARTS + (length - 1) * 12;
  for (let part = PARTS; part < end; part += 12) setPair(part);
  while (count > 1) {
    let best: u32 = NONE, chosen: usize = 0;
    for (let part = PARTS; part < end; part += 12) {
      const rank = load<u32>(part, 4);
      if (rank < best) { best = rank; chosen = part; }
    }
    if (best == NONE) break;
    store<u32>(chosen, load<u32>(chosen, 8));
    memory.copy(chosen + 12, chosen + 24, end + 12 - (chosen + 24));
    // The pair of the part that moved here came with it; this part took over its own id only.
    end -= 12;
    count--;
    if (chosen < end) setPair(chosen);
    if (chosen > PARTS) setPair(chosen - 12);
  }
  return count;
}

// ---- the cache of whole pieces

let key0: u64 = 0, key1: u64 = 0;

@inline function makeKey(at: usize, length: usize): void {
  if (length < 8) {
    key0 = load<u64>(at) & ((<u64>1 << (<u64>length << 3)) - 1);
    key1 = <u64>length << 56;
  } else if (length < 16) {
    key0 = load<u64>(at);
    key1 = (load<u64>(at, 8) & ((<u64>1 << (<u64>(length - 8) << 3)) - 1)) | (<u64>length << 56);
  } else makeLongKey(at, length);
}

function makeLongKey(at: usize, length: usize): void {
  let hash: u64 = length;
  const stop = at + length;
  let p = at;
  for (; p + 8 <= stop; p += 8) {
    hash = (hash ^ load<u64>(p)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  if (p < stop) hash = (hash ^ (load<u64>(p) & ((<u64>1 << (<u64>(stop - p) << 3)) - 1))) * 0xd6e8feb86659fd93;
  key0 = hash ^ (hash >> 29);
  key1 = <u64>length | (<u64>0xff << 56);
}

function sameBytes(a: usize, b: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/** The slot of the key just made: its entry, or the empty one (key1 is never 0 in an entry). */
@inline function findSlot(at: usize, length: usize): usize {
  let hash = key0 * 0x9e3779b97f4a7c15 + key1 * 0xc2b2ae3d27d4eb4f;
  hash ^= hash >> 32;
  let slot = <u32>hash & (SLOTS - 1);
  while (true) {
    const entry = CACHE + (<usize>slot << 5);
    const known = load<u64>(entry, 8);
    if (known == 0) return entry;
    if (known == key1 && load<u64>(entry) == key0 && (length < 16 || sameBytes(load<u32>(entry, 24), at, length))) return entry;
    slot = (slot + 1) & (SLOTS - 1);
  }
  return 0;
}

/** Fills an empty slot. Ids beyond three, and those of pieces of 16 bytes and more, lie in the pool. */
function keep(entry: usize, at: usize, length: usize, ids: usize, stride: usize, count: u32): void {
  store<u64>(entry, key0);
  store<u64>(entry, key1, 8);
  store<u32>(entry, count, 16);
  used++;
  if (length < 16 && count <= INLINE) {
    for (let i: u32 = 0; i < count; i++) store<u32>(entry + 20 + (<usize>i << 2), load<u32>(ids + <usize>i * stride));
    return;
  }
  store<u32>(entry, <u32>poolTop, 20);
  for (let i: u32 = 0; i < count; i++, poolTop += 4) store<u32>(poolTop, load<u32>(ids + <usize>i * stride));
  if (length < 16) return;
  store<u32>(entry, <u32>poolTop, 24);
  memory.copy(poolTop, at, length);
  poolTop += (length + 7) & ~7;
}

/** Makes `length` bytes at `at` one token, whatever the merges say. */
export function addWhole(at: usize, length: usize, id: u32): void {
  makeKey(at, length);
  const entry = findSlot(at, length);
  if (load<u64>(entry, 8) != 0) return;
  store<u32>(PARTS, id);
  keep(entry, at, length, PARTS, 12, 1);
}

@inline function appendPiece(at: usize, length: usize, out: usize): usize {
  makeKey(at, length);
  const entry = findSlot(at, length);
  if (load<u64>(entry, 8) == 0) keep(entry, at, length, PARTS, 12, merge(at, length));
  const count = load<u32>(entry, 16);
  if (length < 16 && count <= INLINE) {
    // All three are written, `count` of them are meant.
    store<u64>(out, load<u64>(entry, 20));
    store<u32>(out, load<u32>(entry, 28), 8);
  } else memory.copy(out, load<u32>(entry, 20), <usize>count << 2);
  return out + (<usize>count << 2);
}

/**
 * Encodes from `from` until the text ends, the output or the cache is full, or a long piece begins; returns where it stopped.
 * @param pattern 0 gpt2, 1 cl100k_base, 2 o200k_base
 */
export function encode(from: usize, end: usize, pattern: i32): usize {
  let at = from, out = OUTPUT;
  longEnd = 0;
  while (at < end && out < OUTPUT_LIMIT && !isFull()) {
    const stop = pattern == 0 ? gpt2End(at, end) : pattern == 1 ? cl100kEnd(at, end) : o200kEnd(at, end);
    if (stop - at > LONGEST) { longEnd = stop; break; }
    out = appendPiece(at, stop - at, out);
    at = stop;
  }
  produced = <i32>((out - OUTPUT) >> 2);
  return at;
}
