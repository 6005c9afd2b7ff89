// How much of a text is repeated n-grams (Rae et al. 2021, table A1; datatrove's counting). Instead of hashing strings
// for each n, classes are refined: the class of an n-gram is the first place where it stands, made from the class of its
// first n − 1 words and its last word. Only n-grams whose (n − 1)-gram occurs twice can occur twice, so the set under
// work shrinks fast. Classes are exact: the pair of integers is compared, never a hash alone.

import type { WordTable } from './word-table.ts';

export interface NgramRepetition {
  /** Index n − 2, for n = 2, 3, 4: characters of the most frequent n-gram, spaces included, times its count. */
  readonly topCharacters: readonly number[];
  /** Index n − 5, for n = 5 … 10: characters, without spaces, in n-grams seen before; a hit jumps n words. */
  readonly duplicateCharacters: readonly number[];
}

const longest = 10;
let classes = new Int32Array(1 << 14);
let counts = new Int32Array(1 << 14);
let active = new Int32Array(1 << 14);
let seen = new Int32Array(1 << 14);
let slots = new Int32Array(1 << 15);
let sums = new Int32Array(1 << 14);
let buckets = new Uint8Array(1 << 15);

function reserve(count: number): void {
  if (count < classes.length) return;
  const capacity = 1 << (32 - Math.clz32(count));
  classes = new Int32Array(capacity);
  counts = new Int32Array(capacity);
  active = new Int32Array(capacity);
  seen = new Int32Array(capacity);
  slots = new Int32Array(capacity * 2);
  sums = new Int32Array(capacity);
  buckets = new Uint8Array(capacity * 2);
}

export function measureRepetition(words: WordTable): NgramRepetition {
  const { count, ids, lengths, firstWord } = words;
  reserve(count + 1);
  // sums[i] = characters of the words before word i.
  sums[0] = 0;
  for (let i = 0; i < count; i++) sums[i + 1] = sums[i] + lengths[ids[i]];
  counts.fill(0, 0, count);
  for (let i = 0; i < count; i++) {
    classes[i] = firstWord[ids[i]];
    counts[classes[i]]++;
  }
  let activeCount = keepRepeated(count, undefined);
  const topCharacters: number[] = [];
  const duplicateCharacters: number[] = [];
  for (let n = 2; n <= longest; n++) {
    activeCount = refine(activeCount, n, ids, count);
    if (n <= 4) topCharacters.push(topOf(activeCount, n, count));
    else duplicateCharacters.push(duplicatesOf(activeCount, n));
    activeCount = keepRepeated(activeCount, active);
  }
  return { topCharacters, duplicateCharacters };
}

/** Keeps the positions whose class occurs more than once, in order. */
function keepRepeated(length: number, from: Int32Array | undefined): number {
  let kept = 0;
  for (let i = 0; i < length; i++) {
    const at = from ? from[i] : i;
    if (counts[classes[at]] > 1) active[kept++] = at;
  }
  return kept;
}

function hashOf(prefix: number, last: number): number {
  const hash = Math.imul(prefix, 0x9e3779b1) ^ Math.imul(last, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

/** Counts the hashes of n-grams, up to two each: an n-gram that is alone under its hash occurs once. */
function countHashes(activeCount: number, n: number, ids: Int32Array, mask: number): void {
  buckets.fill(0, 0, mask + 1);
  for (let a = 0; a < activeCount; a++) {
    const at = active[a];
    const bucket = hashOf(classes[at], ids[at + n - 1]) & mask;
    if (buckets[bucket] < 2) buckets[bucket]++;
  }
}

/** Classes of n-grams from classes of (n − 1)-grams, over the active positions; counts them. */
function refine(activeCount: number, n: number, ids: Int32Array, wordCount: number): number {
  let usable = activeCount;
  while (usable > 0 && active[usable - 1] + n > wordCount) usable--;
  let size = 256;
  while (size < usable * 2) size *= 2;
  const mask = size - 1;
  countHashes(usable, n, ids, mask);
  slots.fill(-1, 0, size);
  let kept = 0;
  for (let a = 0; a < usable; a++) {
    const at = active[a];
    const last = ids[at + n - 1];
    // The class still names the (n − 1)-gram; `seen` keeps it, since `classes` is overwritten below.
    const prefix = classes[at];
    const hash = hashOf(prefix, last);
    if (buckets[hash & mask] < 2) continue;
    active[kept++] = at;
    seen[at] = prefix;
    let slot = hash & mask;
    let first = slots[slot];
    while (first >= 0 && !(seen[first] === prefix && ids[first + n - 1] === last)) {
      slot = (slot + 1) & mask;
      first = slots[slot];
    }
    if (first < 0) {
      first = slots[slot] = at;
      counts[at] = 0;
    }
    classes[at] = first;
    counts[first]++;
  }
  return kept;
}

/** Ties go to the n-gram that stands first, also among n-grams that occur once. */
function topOf(activeCount: number, n: number, wordCount: number): number {
  if (wordCount < n) return 0;
  let best = 0;
  let bestCount = 1;
  for (let a = 0; a < activeCount; a++) {
    const at = active[a];
    if (classes[at] === at && counts[at] > bestCount) {
      best = at;
      bestCount = counts[at];
    }
  }
  return (sums[best + n] - sums[best] + n - 1) * bestCount;
}

function duplicatesOf(activeCount: number, n: number): number {
  for (let a = 0; a < activeCount; a++) seen[classes[active[a]]] = -1;
  let characters = 0;
  let next = 0;
  for (let a = 0; a < activeCount; a++) {
    const at = active[a];
    if (at < next) continue;
    const first = classes[at];
    if (seen[first] === -2) {
      characters += sums[at + n] - sums[at];
      next = at + n;
    } else {
      seen[first] = -2;
    }
  }
  return characters;
}
