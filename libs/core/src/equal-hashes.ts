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
    const larger = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.low = larger(this.low);
    this.high = larger(this.high);
    this.entries = larger(this.entries);
    this.owners = larger(this.owners);
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
  for (let from = 0, to; from < slice.length; from = to) {
    to = from + 1;
    while (to < slice.length && words[2 * to + 1] === words[2 * from + 1]) to++;
    if (to - from > 1)
      visitRun(
        slice,
        Uint32Array.from({ length: to - from }, (_, i) => words[2 * (from + i)]),
        visit,
      );
  }
}

/** @param places in the slice, ascending; of hashes that are alike in 32 bits */
function visitRun(slice: Slice, places: Uint32Array, visit: VisitEqual): void {
  const isEqual = (a: number, b: number): boolean =>
    slice.low[a] === slice.low[b] && slice.high[a] === slice.high[b];
  if (!places.every((place) => isEqual(place, places[0])))
    places.sort((a, b) => slice.high[a] - slice.high[b] || slice.low[a] - slice.low[b] || a - b);
  for (let from = 0, to; from < places.length; from = to) {
    to = from + 1;
    while (to < places.length && isEqual(places[to], places[from])) to++;
    if (to - from < 2) continue;
    const group = places.subarray(from, to);
    visit(
      group.map((place) => slice.entries[place]),
      group.map((place) => slice.owners[place]),
    );
  }
}
