// asc: --enable simd --enable bulk-memory --initialMemory 4 --uncheckedBehavior always
// Fingerprints of one text: UTF-8 in, hashes of its normal form's words, word n-grams and MinHash minima out, in one pass
// each. The normal form is that of libs/text, met through a table of one entry a character that the host fills on first
// sight. Reference: libs/dedup/src/fingerprint-reference.ts. All addresses are byte addresses that the host chooses.

/** Gives the entry of a code point below 65536: kind << 16 | image. */
@external("host", "learn")
declare function learn(point: u32): u32;
/** Writes the image of any code point as UTF-16 to `target`; returns its length in units, or −1 for a space. */
@external("host", "image")
declare function image(point: u32, target: usize): i32;

// 65536 entries of four bytes at address 65536 (below it lie this module's own statics), then 64 bytes for long images.
const TABLE: usize = 65536;
const IMAGE: usize = TABLE + 65536 * 4;

// Kinds of an entry, as in the host: 0 unseen.
const KEPT: u32 = 1, DROPPED: u32 = 4, SPECIAL: u32 = 5;

const SEED: u64 = 0xcbf29ce484222325;
const PRIME: u64 = 0x100000001b3;
const WEIGHT: u64 = 0x9e3779b97f4a7c15;
const SECOND: u64 = 0xc2b2ae3d27d4eb4f;

@inline function mix(given: u64): u64 {
  let x = given;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

// The code point at `at` and the bytes it takes, of well-formed UTF-8.
let width: usize = 0;
@inline function pointAt(at: usize): u32 {
  const a: u32 = load<u8>(at);
  if (a < 0x80) { width = 1; return a; }
  if (a < 0xe0) { width = 2; return ((a & 0x1f) << 6) | (load<u8>(at, 1) & 0x3f); }
  if (a < 0xf0) { width = 3; return ((a & 0xf) << 12) | ((<u32>load<u8>(at, 1) & 0x3f) << 6) | (load<u8>(at, 2) & 0x3f); }
  width = 4;
  return ((a & 7) << 18) | ((<u32>load<u8>(at, 1) & 0x3f) << 12) | ((<u32>load<u8>(at, 2) & 0x3f) << 6) | (load<u8>(at, 3) & 0x3f);
}

@inline function entryOf(point: u32): u32 {
  if (point > 0xffff) return SPECIAL << 16;
  const slot = TABLE + (<usize>point << 2);
  const entry = load<u32>(slot);
  if (entry != 0) return entry;
  return learnSlot(point, slot);
}

function learnSlot(point: u32, slot: usize): u32 {
  const entry = learn(point);
  store<u32>(slot, entry);
  return entry;
}

// 128 bits over the words' hashes in order: the identity of the normal form.
let textLow: u64 = 0;
let textHigh: u64 = 0;
export function hashLow(): u64 { return textLow; }
export function hashHigh(): u64 { return textHigh; }

/**
 * Hashes the words of the UTF-8 text at [text, text + bytes) to `words` (u64 each; at most (bytes + 1) / 2 … + 1 of them).
 * When `spans` is not 0, the byte offsets [start, end) of each word go there (2 × u32 a word).
 * @returns the number of words
 */
export function hashWords(text: usize, bytes: usize, words: usize, spans: usize): u32 {
  const end = text + bytes;
  let at = text, count: u32 = 0, start = text, last = text;
  let h = SEED;
  let inWord = false;
  let low: u64 = SEED, high: u64 = SECOND;
  while (at < end) {
    const begin = at;
    const point = pointAt(at);
    const entry = entryOf(point);
    at += width;
    const kind = entry >> 16;
    if (kind == KEPT) {
      if (!inWord) { inWord = true; start = begin; }
      h = (h ^ <u64>(entry & 0xffff)) * PRIME;
      last = at;
      continue;
    }
    if (kind == DROPPED) continue;
    let units: i32 = 1;
    if (kind == SPECIAL) {
      units = image(point, IMAGE);
      if (units == 0) continue;
    } else units = -1;
    if (units > 0) {
      if (!inWord) { inWord = true; start = begin; }
      for (let k = 0; k < units; k++) h = (h ^ <u64>load<u16>(IMAGE + (<usize>k << 1))) * PRIME;
      last = at;
      continue;
    }
    if (!inWord) {
      // A minus before a figure, where no word goes before.
      if ((point == 0x2d || point == 0x2212) && at < end && <u32>load<u8>(at) - 0x30 < 10) {
        inWord = true;
        start = begin;
        h = (h ^ 0x2d) * PRIME;
        last = at;
      }
      continue;
    }
    const word = mix(h);
    store<u64>(words + (<usize>count << 3), word);
    if (spans) { store<u32>(spans + (<usize>count << 3), <u32>(start - text)); store<u32>(spans + (<usize>count << 3), <u32>(last - text), 4); }
    low = (low ^ word) * WEIGHT; low ^= low >> 29;
    high = (high + word) * SECOND; high ^= high >> 31;
    count++;
    inWord = false;
    h = SEED;
  }
  if (inWord) {
    const word = mix(h);
    store<u64>(words + (<usize>count << 3), word);
    if (spans) { store<u32>(spans + (<usize>count << 3), <u32>(start - text)); store<u32>(spans + (<usize>count << 3), <u32>(last - text), 4); }
    low = (low ^ word) * WEIGHT; low ^= low >> 29;
    high = (high + word) * SECOND; high ^= high >> 31;
    count++;
  }
  textLow = mix(low + count);
  textHigh = mix(high ^ low);
  return count;
}

/** Polynomial hashes of n consecutive words each, in place of nothing: `shingles` may not overlap `words`. */
export function hashShingles(words: usize, count: u32, n: u32, shingles: usize): u32 {
  if (count == 0) return 0;
  const size = count < n ? count : n;
  let drop: u64 = 1;
  for (let k: u32 = 0; k < size; k++) drop *= WEIGHT;
  let h: u64 = 0;
  for (let k: u32 = 0; k < size; k++) h = h * WEIGHT + load<u64>(words + (<usize>k << 3));
  store<u64>(shingles, mix(h));
  const total = count - size + 1;
  for (let i: u32 = 1; i < total; i++) {
    h = h * WEIGHT + load<u64>(words + (<usize>(i + size - 1) << 3)) - drop * load<u64>(words + (<usize>(i - 1) << 3));
    store<u64>(shingles + (<usize>i << 3), mix(h));
  }
  return total;
}

/**
 * Winnowing: positions of the least hash of every window of `window` hashes, the rightmost of equals; fewer hashes are one
 * window. Positions (u32, ascending) go to `chosen`.
 */
export function winnow(hashes: usize, count: u32, window: u32, chosen: usize): u32 {
  if (count == 0) return 0;
  const windows = count > window ? count - window + 1 : 1;
  let least: i32 = -1, last: i32 = -1;
  let total: u32 = 0;
  for (let from: u32 = 0; from < windows; from++) {
    const end = min(from + window, count);
    if (least < <i32>from) {
      least = from;
      for (let i = from + 1; i < end; i++) {
        if (load<u64>(hashes + (<usize>i << 3)) <= load<u64>(hashes + (<usize>least << 3))) least = i;
      }
    } else if (load<u64>(hashes + (<usize>(end - 1) << 3)) <= load<u64>(hashes + (<usize>least << 3))) least = end - 1;
    if (least == last) continue;
    last = least;
    store<u32>(chosen + (<usize>total << 2), least);
    total++;
  }
  return total;
}

// Records of lines and paragraphs: hash u64, start u32, end u32 (byte offsets into the text), words u32, one word unused.
const RECORD: usize = 24;
let paragraphCount: u32 = 0;
export function paragraphTotal(): u32 { return paragraphCount; }

@inline function fold(h: u64, word: u64): u64 {
  const x = (h ^ word) * WEIGHT;
  return x ^ (x >> 29);
}

@inline function writeRecord(at: usize, h: u64, start: usize, end: usize, words: u32): void {
  store<u64>(at, mix(h + words));
  store<u32>(at, <u32>start, 8);
  store<u32>(at, <u32>end, 12);
  store<u32>(at, words, 16);
}

@inline function addParagraph(paragraphs: usize, h: u64, start: usize, end: usize, words: u32): void {
  writeRecord(paragraphs + <usize>paragraphCount * RECORD, h, start, end, words);
  paragraphCount++;
}

/**
 * The lines and paragraphs of at least `least` (1 or more) words, of a text whose words and spans hashWords wrote. A line ends behind its line
 * feed. A paragraph is a run of lines that are not blank (a blank line has only spaces, tabs and carriage returns) and ends
 * where the next one begins, or the text.
 * @returns the number of lines
 */
export function hashLines(text: usize, bytes: usize, words: usize, spans: usize, count: u32, least: u32, lines: usize, paragraphs: usize): u32 {
  let total: u32 = 0, next: u32 = 0;
  let inParagraph = false, first: usize = 0, whole: u64 = SEED, wholeWords: u32 = 0;
  let afterBlank = false;
  paragraphCount = 0;
  let start: usize = 0;
  while (start < bytes) {
    let end = start, blank = true;
    while (end < bytes) {
      const c = load<u8>(text + end++);
      if (c == 10) break;
      if (c != 32 && c != 9 && c != 13) blank = false;
    }
    if (!blank) {
      if (afterBlank || !inParagraph) {
        if (wholeWords >= least) addParagraph(paragraphs, whole, first, start, wholeWords);
        inParagraph = true; first = start; whole = SEED; wholeWords = 0;
      }
      let h = SEED, own: u32 = 0;
      while (next < count && <usize>load<u32>(spans + (<usize>next << 3)) < end) {
        const word = load<u64>(words + (<usize>next << 3));
        next++;
        h = fold(h, word);
        whole = fold(whole, word);
        own++;
      }
      wholeWords += own;
      if (own >= least) {
        writeRecord(lines + <usize>total * RECORD, h, start, end, own);
        total++;
      }
    }
    afterBlank = blank;
    start = end;
  }
  if (wholeWords >= least) addParagraph(paragraphs, whole, first, bytes, wholeWords);
  return total;
}

/**
 * MinHash minima: minimum over shingles of (low ^ key) × odd, 32 bits, for `hashes` (a multiple of 8) functions whose keys
 * and odd factors lie at `keys` (hashes × u32, then hashes × u32). Minima go to `minima` (hashes × u32).
 */
export function minHash(shingles: usize, count: u32, keys: usize, hashes: u32, minima: usize): void {
  const odds = keys + (<usize>hashes << 2);
  const end = shingles + (<usize>count << 3);
  for (let f: usize = 0; f < <usize>hashes << 2; f += 32) {
    const k0 = v128.load(keys + f), k1 = v128.load(keys + f, 16);
    const a0 = v128.load(odds + f), a1 = v128.load(odds + f, 16);
    let m0 = i32x4.splat(-1), m1 = i32x4.splat(-1);
    for (let at = shingles; at < end; at += 8) {
      const x = v128.load32_splat(at);
      const y = v128.load32_splat(at, 4);
      m0 = i32x4.min_u(m0, v128.xor(i32x4.mul(v128.xor(x, k0), a0), y));
      m1 = i32x4.min_u(m1, v128.xor(i32x4.mul(v128.xor(x, k1), a1), y));
    }
    v128.store(minima + f, m0);
    v128.store(minima + f, m1, 16);
  }
}

/** Digests of `bands` bands of `rows` minima each, to `digests` (u64 each). The band's number is part of its digest. */
export function hashBands(minima: usize, bands: u32, rows: u32, digests: usize): void {
  for (let b: u32 = 0; b < bands; b++) {
    let h: u64 = mix(<u64>b + 1);
    for (let r: u32 = 0; r < rows; r++) h = mix(h * WEIGHT + load<u32>(minima + (<usize>(b * rows + r) << 2)));
    store<u64>(digests + (<usize>b << 3), h);
  }
}

// Slots of the intersection table: 8 bytes of key; the mark lies in a byte array behind the keys. 0 = empty.
let sizeA: u32 = 0, sizeB: u32 = 0;
export function distinctA(): u32 { return sizeA; }
export function distinctB(): u32 { return sizeB; }

/**
 * Size of the intersection of two lists of shingles taken as sets; distinctA and distinctB give the sizes of the sets.
 * `table` has 9 × 2^bits bytes with 2^bits at least twice the shingles of both.
 */
export function intersect(a: usize, countA: u32, b: usize, countB: u32, table: usize, bits: u32): u32 {
  const slots: usize = <usize>1 << bits;
  const marks = table + (slots << 3);
  memory.fill(marks, 0, slots);
  const mask = slots - 1;
  let onlyA: u32 = 0, onlyB: u32 = 0, both: u32 = 0;
  for (let i: u32 = 0; i < countA; i++) {
    const x = load<u64>(a + (<usize>i << 3));
    let s = <usize>(x >> 20) & mask;
    while (true) {
      const mark = load<u8>(marks + s);
      if (mark == 0) { store<u8>(marks + s, 1); store<u64>(table + (s << 3), x); onlyA++; break; }
      if (load<u64>(table + (s << 3)) == x) break;
      s = (s + 1) & mask;
    }
  }
  for (let i: u32 = 0; i < countB; i++) {
    const x = load<u64>(b + (<usize>i << 3));
    let s = <usize>(x >> 20) & mask;
    while (true) {
      const mark = load<u8>(marks + s);
      if (mark == 0) { store<u8>(marks + s, 2); store<u64>(table + (s << 3), x); onlyB++; break; }
      if (load<u64>(table + (s << 3)) == x) {
        if (mark == 1) { store<u8>(marks + s, 3); both++; }
        break;
      }
      s = (s + 1) & mask;
    }
  }
  sizeA = onlyA;
  sizeB = onlyB + both;
  return both;
}
