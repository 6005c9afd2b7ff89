// Finds equal 64-bit hashes among more of them than one would hold at once: they are read again for each slice of their
// leading bits, and a slice is sorted in memory. What is found does not depend on the size of a slice. No stage's own
// concept: dedup looks for shared pieces of text with it, select for their best copies.

/** The hashes of one owner (a document), 64 bits each, little-endian. */
export interface HashRow {
  /** Ascending from 0. */
  readonly owner: number;
  readonly hashes: Uint8Array;
}

export interface HashSource {
  /** Of all rows together, below 2^32. */
  readonly total: number;
  /** The same rows in the same order at each call. */
  rows(): AsyncIterable<HashRow> | Iterable<HashRow>;
}

/** Hashes that are equal: their numbers in the order of the source, ascending, and the owner of each. Valid during the call. */
export type VisitEqual = (entries: Uint32Array, owners: Uint32Array) => void;

/** About 28 bytes of memory each. */
const sliceHashes = 1 << 22;

/** Calls `visit` for each hash that occurs at least twice, in ascending order of the hash. */
export async function forEachEqual(
  source: HashSource,
  visit: VisitEqual,
  atOnce = sliceHashes,
): Promise<void> {
  const bits = Math.max(0, Math.ceil(Math.log2(Math.max(1, source.total) / atOnce)));
  for (let slice = 0; slice < 2 ** bits; slice++) {
    visitSlice(await readSlice(source, slice, bits), bits, visit);
  }
}

/** Some hashes by column. */
class Slice {
  length = 0;
  low = new Uint32Array(1 << 10);
  high = new Uint32Array(1 << 10);
  entries = new Uint32Array(1 << 10);
  owners = new Uint32Array(1 << 10);

  push(low: number, high: number, entry: number, owner: number): void {
    if (this.length === this.low.length) this.grow();
    this.low[this.length] = low;
    this.high[this.length] = high;
    this.entries[this.length] = entry;
    this.owners[this.length++] = owner;
  }

  private grow(): void {
    this.low = doubled(this.low);
    this.high = doubled(this.high);
    this.entries = doubled(this.entries);
    this.owners = doubled(this.owners);
  }
}

async function readSlice(source: HashSource, slice: number, bits: number): Promise<Slice> {
  const found = new Slice();
  let entry = 0;
  for await (const { owner, hashes } of source.rows()) {
    const view = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength);
    for (let at = 0; at < hashes.length; at += 8, entry++) {
      const high = view.getUint32(at + 4, true);
      if (bits > 0 && high >>> (32 - bits) !== slice) continue;
      found.push(view.getUint32(at, true), high, entry, owner);
    }
  }
  return found;
}

function visitSlice(slice: Slice, bits: number, visit: VisitEqual): void {
  // Sorted by 32 bits behind those of the slice, then by place; runs are looked at again with all 64.
  const keys = new BigUint64Array(slice.length);
  const words = new Uint32Array(keys.buffer);
  for (let i = 0; i < slice.length; i++) {
    words[2 * i] = i;
    words[2 * i + 1] = bits === 0 ? slice.high[i] : (slice.high[i] << bits) | (slice.low[i] >>> (32 - bits));
  }
  keys.sort();
  const group = new Group(visit);
  for (let from = 0, to; from < slice.length; from = to) {
    to = from + 1;
    while (to < slice.length && words[2 * to + 1] === words[2 * from + 1]) to++;
    if (to - from > 1) visitRun(slice, { words, from, to }, group);
  }
}

/** Members of one hash, in arrays that are used again for the next. */
class Group {
  private length = 0;
  private entries = new Uint32Array(64);
  private owners = new Uint32Array(64);
  private readonly visit: VisitEqual;

  constructor(visit: VisitEqual) {
    this.visit = visit;
  }

  push(entry: number, owner: number): void {
    if (this.length === this.entries.length) {
      [this.entries, this.owners] = [doubled(this.entries), doubled(this.owners)];
    }
    this.entries[this.length] = entry;
    this.owners[this.length++] = owner;
  }

  close(): void {
    if (this.length > 1)
      this.visit(this.entries.subarray(0, this.length), this.owners.subarray(0, this.length));
    this.length = 0;
  }
}

function doubled(old: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(old.length * 2);
  grown.set(old);
  return grown;
}

/** Hashes that are alike in 32 bits: places in the slice, every second of `words`, ascending. */
interface Run {
  readonly words: Uint32Array;
  readonly from: number;
  readonly to: number;
}

function visitRun(slice: Slice, { words, from, to }: Run, group: Group): void {
  const { low, high } = slice;
  const first = words[2 * from];
  let isOne = true;
  for (let i = from + 1; i < to && isOne; i++) {
    const place = words[2 * i];
    isOne = low[place] === low[first] && high[place] === high[first];
  }
  const places = new Array<number>(to - from);
  for (let i = from; i < to; i++) places[i - from] = words[2 * i];
  if (!isOne) places.sort((a, b) => high[a] - high[b] || low[a] - low[b] || a - b);
  for (const [i, place] of places.entries()) {
    const before = places[i - 1];
    if (i > 0 && (low[before] !== low[place] || high[before] !== high[place])) group.close();
    group.push(slice.entries[place], slice.owners[place]);
  }
  group.close();
}
