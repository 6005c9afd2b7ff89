// Which names were seen, in 11 to 21 bytes each instead of a string: a file may hold tens of millions of items. Names are
// told apart by 64 bits of SHA-256.

import { hash } from 'node:crypto';

export class NameSet {
  private slots = new BigUint64Array(1 << 10);
  private count = 0;

  /** @returns false when the name was there already */
  add(name: string): boolean {
    if (this.count * 4 > this.slots.length * 3) this.grow();
    // 0 marks a free slot.
    const digest = hash('sha256', name, 'buffer').readBigUInt64LE(0) || 1n;
    const slot = slotOf(this.slots, digest);
    if (this.slots[slot] === digest) return false;
    this.slots[slot] = digest;
    this.count++;
    return true;
  }

  private grow(): void {
    const larger = new BigUint64Array(this.slots.length * 2);
    for (const digest of this.slots) if (digest !== 0n) larger[slotOf(larger, digest)] = digest;
    this.slots = larger;
  }
}

/** Where the digest is, or the free slot for it. */
function slotOf(slots: BigUint64Array, digest: bigint): number {
  let slot = Number(digest & BigInt(slots.length - 1));
  while (slots[slot] !== 0n && slots[slot] !== digest) slot = (slot + 1) % slots.length;
  return slot;
}
