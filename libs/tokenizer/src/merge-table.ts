// The merges of a byte-pair encoding as an open-addressing hash table: a pair of token ids gives the id that it merges
// to and the merge's rank. Typed arrays only, so a lookup allocates nothing.

export class MergeTable {
  readonly #mask: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #merged: Int32Array;
  readonly #rank: Int32Array;

  /** @param capacity greatest number of pairs */
  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, capacity * 2)));
    this.#mask = size - 1;
    this.#left = new Int32Array(size).fill(-1);
    this.#right = new Int32Array(size);
    this.#merged = new Int32Array(size);
    this.#rank = new Int32Array(size);
  }

  /** The first rank given to a pair stays. */
  set(left: number, right: number, merged: number, rank: number): void {
    const slot = this.#slot(left, right);
    if (this.#left[slot] >= 0) return;
    this.#left[slot] = left;
    this.#right[slot] = right;
    this.#merged[slot] = merged;
    this.#rank[slot] = rank;
  }

  /** Where the pair lies, or -1: to be given to `rankAt` and `mergedAt`. */
  find(left: number, right: number): number {
    const slot = this.#slot(left, right);
    return this.#left[slot] < 0 ? -1 : slot;
  }

  rankAt(slot: number): number {
    return this.#rank[slot];
  }

  mergedAt(slot: number): number {
    return this.#merged[slot];
  }

  get slots(): number {
    return this.#mask + 1;
  }

  /** Four numbers a slot, left (-1 where empty), right, merged, rank: as assembly/encode-kernel.ts reads them. */
  copyTo(target: Int32Array): void {
    for (let slot = 0, at = 0; slot <= this.#mask; slot++, at += 4) {
      target[at] = this.#left[slot];
      target[at + 1] = this.#right[slot];
      target[at + 2] = this.#merged[slot];
      target[at + 3] = this.#rank[slot];
    }
  }

  #slot(left: number, right: number): number {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right + 0x7f4a7c15, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    while (this.#left[slot] >= 0 && (this.#left[slot] !== left || this.#right[slot] !== right)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }
}
