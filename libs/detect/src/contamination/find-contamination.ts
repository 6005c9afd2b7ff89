// Which evaluation items stand in a text: 13-gram overlap after GPT-3 (Brown et al. 2020, appendix C). A rolling hash over
// words finds candidates in a bit table and an open-addressing table; each is compared word by word before it counts, so
// there is no false hit. N-grams that stand in more than `mostItems` items are the wording of a task and are not looked
// for. In scripts without spaces, where a character is a word, an n-gram has twice as many.

import { evaluationDigest, type EvaluationSets } from './evaluation-sets.ts';
import { createPlainWords, plainWord, readPlainWords, type PlainWords } from './plain-words.ts';

/** Version of normalising and matching: raised when findings change for the same text. */
export const contaminationVersion = 1;

export interface Contamination {
  readonly set: string;
  readonly item: string;
  /** In UTF-16 code units of the text; overlapping n-grams of one item are one span. */
  readonly start: number;
  readonly end: number;
  /** Words of the span. */
  readonly words: number;
  /** Of the item's words, whatever its set and id: `evaluationDigest`. */
  readonly digest: string;
  /** Items of the set, found or not. */
  readonly setItems: number;
}

export type ContaminationFinder = (text: string) => Contamination[];

const mostItems = 20;
const base = 0x2c1b3c6d;

interface NgramTable {
  /** Lengths of n-grams that occur, ascending, and `base` to the power of each. */
  readonly lengths: readonly number[];
  readonly powers: readonly number[];
  readonly bits: Uint8Array;
  readonly bitMask: number;
  /** Number of an entry + 1, or 0. */
  readonly slots: Int32Array;
  readonly slotMask: number;
  /** By entry: hash, item, first word in the item, length. */
  readonly entryHashes: Int32Array;
  readonly entries: Int32Array;
  /** By item: its words. */
  readonly items: readonly (readonly string[])[];
}

const words = createPlainWords();

/** @example createContaminationFinder(sets)(text) // [{ set: 'lambada', item: '17', start: 120, end: 310, words: 40, … }] */
export function createContaminationFinder(sets: EvaluationSets): ContaminationFinder {
  const table = buildTable(sets);
  const sizes = new Map<string, number>();
  for (const { set } of sets.items) sizes.set(set, (sizes.get(set) ?? 0) + 1);
  return (text) => {
    readPlainWords(text, words);
    const spans = new Map<number, Span[]>();
    for (let l = 0; l < table.lengths.length; l++) {
      const n = table.lengths[l];
      rollHashes(words, n, table.powers[l], (hash, first) => {
        if (table.bits[hash & table.bitMask] === 0) return;
        lookUp(table, hash, { text, n, first, spans });
      });
    }
    return [...spans]
      .flatMap(([item, found]) => found.map((span) => describe(sets, item, span, sizes)))
      .sort((a, b) => a.start - b.start || compare(a.set, b.set) || compare(a.item, b.item));
  };
}

/** Numbers of words, end exclusive. */
interface Span {
  readonly first: number;
  end: number;
}

function addSpan(spans: Map<number, Span[]>, item: number, first: number, end: number): void {
  const own = spans.get(item);
  const last = own?.at(-1);
  if (last && first <= last.end && first >= last.first) last.end = Math.max(last.end, end);
  else if (own) own.push({ first, end });
  else spans.set(item, [{ first, end }]);
}

function describe(
  { items }: EvaluationSets,
  number: number,
  { first, end }: Span,
  sizes: Map<string, number>,
) {
  const { set, id, words: plain } = items[number];
  return {
    set,
    item: id,
    start: words.starts[first],
    end: words.ends[end - 1],
    words: end - first,
    digest: evaluationDigest(plain),
    setItems: sizes.get(set)!,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Polynomial hash of every run of n words. */
function rollHashes(
  { count, hashes }: PlainWords,
  n: number,
  power: number,
  visit: (hash: number, first: number) => void,
): void {
  let hash = 0;
  for (let w = 0; w < count; w++) {
    hash = (Math.imul(hash, base) + hashes[w]) | 0;
    if (w >= n) hash = (hash - Math.imul(hashes[w - n], power)) | 0;
    if (w >= n - 1) visit(finish(hash, n), w - n + 1);
  }
}

function finish(hash: number, n: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15) ^ n, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function powerOf(n: number): number {
  let power = 1;
  for (let i = 0; i < n; i++) power = Math.imul(power, base);
  return power;
}

interface Place {
  readonly text: string;
  /** Words of the n-gram, and the number of its first. */
  readonly n: number;
  readonly first: number;
  readonly spans: Map<number, Span[]>;
}

function lookUp(table: NgramTable, hash: number, place: Place): void {
  const { slots, slotMask, entryHashes, entries } = table;
  for (let slot = hash & slotMask; slots[slot] !== 0; slot = (slot + 1) & slotMask) {
    const entry = slots[slot] - 1;
    if (entryHashes[entry] !== hash || !matches(table, entry * 3, place)) continue;
    addSpan(place.spans, entries[entry * 3], place.first, place.first + place.n);
  }
}

/** Word by word. `at` = place of the entry in `entries`. */
function matches({ entries, items }: NgramTable, at: number, { text, n, first }: Place): boolean {
  if (entries[at + 2] !== n) return false;
  const item = items[entries[at]];
  for (let i = 0; i < n; i++) {
    const plain = plainWord(text, words.starts[first + i], words.ends[first + i]);
    if (item[entries[at + 1] + i] !== plain) return false;
  }
  return true;
}

/** How many words of an item are one n-gram; 0 = the item is too short to be looked for. */
function lengthFor({ ngram, leastWords }: EvaluationSets, { count, unspaced }: PlainWords): number {
  const scale = unspaced * 2 > count ? 2 : 1;
  if (count >= ngram * scale) return ngram * scale;
  return count >= leastWords * scale ? count : 0;
}

interface Grams {
  readonly hashes: number[];
  /** Item, first word, length of each. */
  readonly places: number[];
  readonly lengths: Set<number>;
}

function buildTable(sets: EvaluationSets): NgramTable {
  const grams: Grams = { hashes: [], places: [], lengths: new Set() };
  const own = createPlainWords();
  sets.items.forEach((item, number) => {
    readPlainWords(item.words, own);
    const n = lengthFor(sets, own);
    if (n === 0) return;
    grams.lengths.add(n);
    rollHashes(own, n, powerOf(n), (hash, first) => {
      grams.hashes.push(hash);
      grams.places.push(number, first, n);
    });
  });
  const lengths = [...grams.lengths].sort((a, b) => a - b);
  const items = sets.items.map((item) => item.words.split(' '));
  return { lengths, powers: lengths.map(powerOf), items, ...placeEntries(grams) };
}

/** Leaves out what too many items share; equal hashes of other words can only lose a candidate among many. */
function placeEntries({ hashes, places }: Grams) {
  const itemsBy = new Map<number, { items: number; last: number }>();
  hashes.forEach((hash, entry) => {
    const item = places[entry * 3];
    const known = itemsBy.get(hash);
    if (!known) itemsBy.set(hash, { items: 1, last: item });
    else if (known.last !== item) Object.assign(known, { items: known.items + 1, last: item });
  });
  let size = 1024;
  while (size < hashes.length * 2) size *= 2;
  const bits = new Uint8Array(Math.min(1 << 26, size * 4));
  const slots = new Int32Array(size);
  hashes.forEach((hash, entry) => {
    if (itemsBy.get(hash)!.items > mostItems) return;
    bits[hash & (bits.length - 1)] = 1;
    let slot = hash & (size - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
    slots[slot] = entry + 1;
  });
  return {
    bits,
    bitMask: bits.length - 1,
    slots,
    slotMask: size - 1,
    entryHashes: Int32Array.from(hashes),
    entries: Int32Array.from(places),
  };
}
