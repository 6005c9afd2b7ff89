// asc: --enable simd --enable bulk-memory --initialMemory 16 --uncheckedBehavior always
// The languages of one piece of text: cuts UTF-16 into words of one script each, hashes each word's n-grams, looks them up
// in the script's model and adds the weights they have for each language, whole numbers, many languages at a time. Words are
// read in strides over the piece, and no more once a language leads by far. The host (src/language/language-kernel.ts) fills
// the tables. Reference: tests/detect/reference-scores.ts.

// Fixed addresses, as in the host.
const KINDS: usize = 0x10000; // four bytes for each UTF-16 unit: its script << 16, its small letter
const TEXT: usize = 0x50000; // the piece, two bytes a unit
const LETTERS: usize = 0x58000; // four bytes for each script: units of the piece in it
const MODELS: usize = 0x58400; // 64 bytes for each script
const PLANES: usize = 0x5c400; // ranges beyond the basic plane: from, to, script; four bytes each
const UNITS: usize = 0x5e400; // folded words, a space before and behind each
const WORDS: usize = 0x6e800; // four bytes for each word: place in UNITS, length << 16, script << 24
const HASHES: usize = 0x7e800; // of one word
const RUNS: usize = 0x7f000; // addresses of the runs that one word's n-grams have
const ROWS: usize = 0x7f400; // addresses of the rows
const STATES: usize = 0x7f800; // hashes of n-grams that are still growing

const NO_SCRIPT: u32 = 0, INHERITED: u32 = 1;
const LONGEST_WORD: u32 = 24, LONGEST_NGRAM: i32 = 5, LONGEST_RUN_NGRAM: i32 = 3;
const HASH_BITS: u32 = 27;
const PRIME: u32 = 0x01000193, SEED: u32 = 0x2545f491, WORD_SEED: u32 = 0x1b873593;
const STRIDE: u32 = 4;
const LETTERS_BETWEEN_LOOKS: u32 = 24;
const UNSEEN: u32 = 0, READ: u32 = 1, CERTAIN: u32 = 2;

// What stands at MODELS for a script with languages to choose from; slots = 0 for others.
@unmanaged class Model {
  // Buckets of four slots, filled from the first on; what a full bucket does not hold may be in the next one. A slot is 0 or,
  // from above: the sign where an n-gram has a row, the number of its row or first entry, 1, the bits of the hash below those that
  // chose the bucket. Hence no n-gram is taken for another.
  slots: usize;
  bucketMask: u32;
  bucketShift: u32;
  entries: usize; // two bytes each: 0x8000 for the last of a run, language << 8, weight + 128
  rows: usize;
  rowSize: usize; // bytes of a row and languages of the script, up to a multiple of 16
  scores: usize; // four bytes for each language
  bias: usize;
  unspaced: u32;
  state: u32;
  tries: u32;
  hits: u32;
  letters: u32;
  nextLook: u32;
}

@inline function modelOf(script: u32): Model { return changetype<Model>(MODELS + (<usize>script << 6)); }

let planeCount: i32 = 0;
export function setPlaneCount(count: i32): void { planeCount = count; }

/** @param lead by which a language is certain, in units of the weights */
export function identify(units: i32, scripts: u32, lead: i32): void {
  for (let script: u32 = 0; script < scripts; script++) {
    store<u32>(LETTERS + (<usize>script << 2), 0);
    modelOf(script).state = UNSEEN;
  }
  const words = cutWords(units);
  for (let pass: u32 = 0; pass < STRIDE; pass++) {
    // 0, 2, 1, 3: the second pass reads half-way between the words of the first.
    const first = ((pass & 1) << 1) | (pass >> 1);
    for (let word = first; word < words; word += STRIDE) readWord(load<u32>(WORDS + (<usize>word << 2)), lead);
  }
}

function cutWords(units: i32): u32 {
  let words: u32 = 0;
  let start: usize = UNITS + 2;
  const end: usize = TEXT + (<usize>units << 1);
  let at = TEXT;
  while (at < end) {
    const script = scriptAt(at, end);
    if (script <= INHERITED) { // accents without a letter before them have no script
      at += 2;
      continue;
    }
    let to = start;
    for (;;) {
      let kind: u32 = 0;
      while (at < end && (kind = load<u32>(KINDS + (<usize>load<u16>(at) << 2))) >> 16 === script) {
        store<u16>(to, kind);
        to += 2;
        at += 2;
      }
      if (at >= end) break;
      const isPair = isHigh(load<u16>(at));
      const here = isPair ? scriptAt(at, end) : kind >> 16;
      if (here !== script && here !== INHERITED) break;
      store<u16>(to, kind);
      to += 2;
      at += 2 << <usize>isPair;
    }
    const all = <u32>((to - start) >> 1);
    const length = min(all, LONGEST_WORD);
    keepWord(words++, start, length, script, all);
    start += (<usize>length + 1) << 1;
  }
  return words;
}

@inline function isHigh(unit: u32): bool { return (unit & 0xfc00) === 0xd800; }

function scriptAt(at: usize, end: usize): u32 {
  const unit: u32 = load<u16>(at);
  return isHigh(unit) && at + 2 < end ? scriptOfPair(unit, load<u16>(at, 2)) : load<u32>(KINDS + (<usize>unit << 2)) >> 16;
}

@inline function keepWord(word: u32, start: usize, length: u32, script: u32, units: u32): void {
  store<u16>(start - 2, 0x20);
  store<u16>(start + (<usize>length << 1), 0x20);
  store<u32>(WORDS + (<usize>word << 2), <u32>((start - UNITS) >> 1) | (length << 16) | (script << 24));
  const letters = LETTERS + (<usize>script << 2);
  store<u32>(letters, load<u32>(letters) + units);
}

function scriptOfPair(high: u32, low: u32): u32 {
  if ((low & 0xfc00) !== 0xdc00) return NO_SCRIPT;
  const point: u32 = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  let first: i32 = 0, last: i32 = planeCount - 1;
  while (first <= last) {
    const middle = (first + last) >> 1;
    const range = PLANES + <usize>middle * 12;
    if (point < load<u32>(range)) last = middle - 1;
    else if (point > load<u32>(range, 4)) first = middle + 1;
    else return load<u32>(range, 8);
  }
  return NO_SCRIPT;
}

function readWord(word: u32, lead: i32): void {
  const model = modelOf(word >> 24);
  if (model.slots === 0 || model.state === CERTAIN) return;
  if (model.state === UNSEEN) begin(model);
  const length = (word >> 16) & 0xff;
  const start: usize = UNITS + (<usize>(word & 0xffff) << 1);
  const count = model.unspaced ? runHashes(start, <i32>length) : wordHashes(start, <i32>length);
  addWeights(model, count);
  model.letters += length;
  if (model.letters < model.nextLook) return;
  model.nextLook = model.letters + LETTERS_BETWEEN_LOOKS;
  if (leadOf(model.scores, model.rowSize) > lead) model.state = CERTAIN;
}

function begin(model: Model): void {
  model.state = READ;
  model.tries = 0;
  model.hits = 0;
  model.letters = 0;
  model.nextLook = LETTERS_BETWEEN_LOOKS;
  memory.copy(model.scores, model.bias, model.rowSize << 2);
}

@inline function finish(hashes: v128): v128 {
  let h = v128.xor(hashes, i32x4.shr_u(hashes, 15));
  h = i32x4.mul(h, i32x4.splat(0x2c1b3c6d));
  h = v128.xor(h, i32x4.shr_u(h, 12));
  h = i32x4.mul(h, i32x4.splat(0x297a2d39));
  return i32x4.shr_u(v128.xor(h, i32x4.shr_u(h, 15)), 32 - HASH_BITS);
}

// The hashes of all n-grams of one length that begin at each of `count` units, four at a time: those of n - 1 letters stand in
// STATES and go on with the unit at `next`. What is written beyond the last is overwritten by the next length.
@inline function growHashes(next: usize, count: i32, into: usize): void {
  for (let i = 0; i < count; i += 4) {
    const state = STATES + (<usize>i << 2);
    const units = v128.load16x4_u(next + (<usize>i << 1));
    const hashes = i32x4.mul(v128.xor(v128.load(state), units), i32x4.splat(PRIME));
    v128.store(state, hashes);
    v128.store(into + (<usize>i << 2), finish(hashes));
  }
}

@inline function startHashes(count: i32): void {
  for (let i = 0; i < count; i += 4) v128.store(STATES + (<usize>i << 2), i32x4.splat(SEED));
}

// n-grams of up to five letters, the spaces about the word counting as letters; then the word itself.
function wordHashes(start: usize, length: i32): u32 {
  const size = length + 2;
  startHashes(size);
  // Single letters: the space before the word is overwritten, the one behind it too.
  growHashes(start - 2, size, HASHES);
  v128.store(HASHES, v128.load(HASHES, 4));
  for (let i = 4; i < length; i += 4) v128.store(HASHES + (<usize>i << 2), v128.load(HASHES + (<usize>i << 2), 4));
  let into = HASHES + (<usize>length << 2);
  for (let n = 2; n <= LONGEST_NGRAM && n <= size; n++) {
    growHashes(start - 2 + (<usize>(n - 1) << 1), size - n + 1, into);
    into += <usize>(size - n + 1) << 2;
  }
  if (size > LONGEST_NGRAM) {
    let whole = WORD_SEED;
    for (let at = start, end = start + (<usize>length << 1); at < end; at += 2) whole = (whole ^ <u32>load<u16>(at)) * PRIME;
    store<u32>(into, i32x4.extract_lane(finish(i32x4.splat(whole)), 0));
    into += 4;
  }
  return <u32>((into - HASHES) >> 2);
}

// In a script without spaces: one to three characters each.
function runHashes(start: usize, length: i32): u32 {
  startHashes(length);
  let into = HASHES;
  for (let n = 1; n <= LONGEST_RUN_NGRAM && n <= length; n++) {
    growHashes(start + (<usize>(n - 1) << 1), length - n + 1, into);
    into += <usize>(length - n + 1) << 2;
  }
  return <u32>((into - HASHES) >> 2);
}

function addWeights(model: Model, count: u32): void {
  const placeShift = model.bucketShift + 1;
  const entries = model.entries, rowTable = model.rows, rowSize = model.rowSize;
  const filled: u32 = 1 << model.bucketShift;
  const tags = i32x4.splat((filled << 1) - 1);
  let runs = RUNS, rows = ROWS;
  for (let at = HASHES, end: usize = HASHES + (<usize>count << 2); at < end; at += 4) {
    const value = lookUp(model, load<u32>(at), filled, tags);
    // Written to both lists: what does not belong there is overwritten, which is sooner done than guessed.
    const place: usize = (value & 0x7fffffff) >> placeShift;
    store<usize>(runs, entries + (place << 1));
    store<usize>(rows, rowTable + place * rowSize);
    runs += <usize>(<i32>value > 0) << 2;
    rows += <usize>(<i32>value < 0) << 2;
  }
  model.tries += count;
  model.hits += <u32>((runs - RUNS + rows - ROWS) >> 2);
  for (let run = RUNS; run < runs; run += 4) addRun(model.scores, load<usize>(run));
  if (rows > ROWS) addRows(model, rows);
}

// The slot of a hash, or 0.
@inline function lookUp(model: Model, hash: u32, filled: u32, tags: v128): u32 {
  const wanted = i32x4.splat((hash & (filled - 1)) | filled);
  let bucket = hash >> model.bucketShift;
  for (;;) {
    const address = model.slots + (<usize>bucket << 4);
    const slots = v128.load(address);
    const found = i32x4.bitmask(i32x4.eq(v128.and(slots, tags), wanted));
    if (found === 0 && i32x4.extract_lane(slots, 3) !== 0) {
      bucket = (bucket + 1) & model.bucketMask;
      continue;
    }
    return select<u32>(load<u32>(address + (<usize>(ctz(found) & 3) << 2)), 0, found !== 0);
  }
}

@inline function addRun(scores: usize, run: usize): void {
  for (let at = run; ; at += 2) {
    const entry: u32 = load<u16>(at);
    const score = scores + (<usize>((entry >> 8) & 0x7f) << 2);
    store<i32>(score, load<i32>(score) + <i32>(entry & 0xff) - 128);
    if (entry & 0x8000) return;
  }
}

// A word has too few n-grams for sums of sixteen bits to overflow.
function addRows(model: Model, end: usize): void {
  const rowSize = model.rowSize;
  let at: usize = 0;
  for (; at + 32 <= rowSize; at += 32) {
    let a = i16x8.splat(0), b = i16x8.splat(0), c = i16x8.splat(0), d = i16x8.splat(0);
    for (let row = ROWS; row < end; row += 4) {
      const address = load<usize>(row) + at;
      a = i16x8.add(a, v128.load8x8_s(address));
      b = i16x8.add(b, v128.load8x8_s(address, 8));
      c = i16x8.add(c, v128.load8x8_s(address, 16));
      d = i16x8.add(d, v128.load8x8_s(address, 24));
    }
    const scores = model.scores + (at << 2);
    addSums(scores, a);
    addSums(scores + 32, b);
    addSums(scores + 64, c);
    addSums(scores + 96, d);
  }
  if (at === rowSize) return;
  let a = i16x8.splat(0), b = i16x8.splat(0);
  for (let row = ROWS; row < end; row += 4) {
    const address = load<usize>(row) + at;
    a = i16x8.add(a, v128.load8x8_s(address));
    b = i16x8.add(b, v128.load8x8_s(address, 8));
  }
  addSums(model.scores + (at << 2), a);
  addSums(model.scores + (at << 2) + 32, b);
}

@inline function addSums(scores: usize, sums: v128): void {
  v128.store(scores, i32x4.add(v128.load(scores), i32x4.extend_low_i16x8_s(sums)));
  v128.store(scores, i32x4.add(v128.load(scores, 16), i32x4.extend_high_i16x8_s(sums)), 16);
}

// How far the greatest score is above the second.
function leadOf(scores: usize, count: usize): i32 {
  let first = i32x4.splat(i32.MIN_VALUE), second = i32x4.splat(i32.MIN_VALUE);
  for (let at = scores, end = scores + (count << 2); at < end; at += 16) {
    const here = v128.load(at);
    second = i32x4.max_s(second, i32x4.min_s(first, here));
    first = i32x4.max_s(first, here);
  }
  v128.store(HASHES, first);
  v128.store(HASHES, second, 16);
  let best = i32.MIN_VALUE, next = i32.MIN_VALUE;
  for (let i: usize = 0; i < 32; i += 4) {
    const score = load<i32>(HASHES + i);
    next = max(next, min(best, score));
    best = max(best, score);
  }
  return best - next;
}
