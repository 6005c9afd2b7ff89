// Buckets of one band: the texts whose minima in that band have one digest. Texts are numbered in the order of their
// hashes, so a bucket, its order and its least member are functions of the set of texts alone.

/** Digests and texts are sorted together as one double: so many low bits hold the number of the text. */
const numberBits = 21;

/**
 * Calls `visit` for every digest that at least two texts have, with their numbers ascending (valid during the call).
 * @param digests one 32-bit digest a text; texts in `skip` (1) have none; `room` for a number a text is used again
 */
export function forEachBucket(
  digests: Uint32Array,
  visit: (members: Uint32Array) => void,
  { skip, room = new Float64Array(digests.length) }: { skip?: Uint8Array; room?: Float64Array } = {},
): void {
  // Above 2^21 texts the digests are taken in slices, so that digest and number still fit 53 bits.
  const sliceBits = Math.max(0, Math.ceil(Math.log2(digests.length)) - numberBits);
  const scale = 2 ** (numberBits + sliceBits);
  for (let slice = 0; slice < 2 ** sliceBits; slice++) {
    const keys = sliceKeys(digests, { slice, sliceBits, scale, skip, room });
    keys.sort();
    visitRuns(keys, scale, visit);
  }
}

interface Slice {
  readonly slice: number;
  readonly sliceBits: number;
  readonly scale: number;
  readonly skip?: Uint8Array;
  readonly room: Float64Array;
}

function sliceKeys(digests: Uint32Array, { slice, sliceBits, scale, skip, room }: Slice): Float64Array {
  let count = 0;
  for (let i = 0; i < digests.length; i++) {
    if (skip?.[i] === 1) continue;
    const digest = digests[i];
    if (sliceBits > 0 && digest >>> (32 - sliceBits) !== slice) continue;
    room[count++] = (sliceBits > 0 ? (digest << sliceBits) >>> sliceBits : digest) * scale + i;
  }
  return room.subarray(0, count);
}

function visitRuns(keys: Float64Array, scale: number, visit: (members: Uint32Array) => void): void {
  let members = new Uint32Array(64);
  for (let from = 0, to; from < keys.length; from = to) {
    const digest = Math.floor(keys[from] / scale);
    to = from + 1;
    while (to < keys.length && keys[to] < (digest + 1) * scale) to++;
    if (to - from < 2) continue;
    if (members.length < to - from) members = new Uint32Array((to - from) * 2);
    for (let i = from; i < to; i++) members[i - from] = keys[i] - digest * scale;
    visit(members.subarray(0, to - from));
  }
}

/** Buckets one after the other in one array: each its size, then its members. */
export class BucketList {
  private flat = new Uint32Array(1 << 12);
  private length = 0;

  push(members: Uint32Array): void {
    const needed = this.length + members.length + 1;
    if (needed > this.flat.length) {
      const larger = new Uint32Array(Math.max(needed, this.flat.length * 2));
      larger.set(this.flat.subarray(0, this.length));
      this.flat = larger;
    }
    this.flat[this.length] = members.length;
    this.flat.set(members, this.length + 1);
    this.length = needed;
  }

  *[Symbol.iterator](): Generator<Uint32Array> {
    for (let at = 0; at < this.length; at += this.flat[at] + 1)
      yield this.flat.subarray(at + 1, at + 1 + this.flat[at]);
  }
}
