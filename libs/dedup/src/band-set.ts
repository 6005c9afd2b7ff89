// Buckets by name, (band, digest), for a scan that asks for each digest of each row whether it is among them: one table with
// open addressing, a quarter full at most, so that most answers are the first slot's.

export class BandSet {
  length = 0;
  /** band × 2^32 + digest; −1 = free. */
  private slots = new Float64Array(1 << 12).fill(-1);
  /** A bit for each hash of a bucket, small enough for the processor's cache: most questions end here. */
  private readonly filter = new Uint8Array(1 << 17);

  has(band: number, digest: number): boolean {
    const mixed = mix(band, digest);
    if (((this.filter[mixed >>> 15] >> ((mixed >>> 12) & 7)) & 1) === 0) return false;
    return this.slots[this.slotOf(band, digest)] >= 0;
  }

  /** @returns whether it was not in the set */
  add(band: number, digest: number): boolean {
    const slot = this.slotOf(band, digest);
    if (this.slots[slot] >= 0) return false;
    this.slots[slot] = band * 2 ** 32 + digest;
    const mixed = mix(band, digest);
    this.filter[mixed >>> 15] |= 1 << ((mixed >>> 12) & 7);
    if (++this.length * 4 > this.slots.length) this.grow();
    return true;
  }

  private slotOf(band: number, digest: number): number {
    const name = band * 2 ** 32 + digest;
    const mask = this.slots.length - 1;
    let slot = mix(band, digest) & mask;
    while (this.slots[slot] >= 0 && this.slots[slot] !== name) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const names = this.slots.filter((name) => name >= 0);
    this.slots = new Float64Array(this.slots.length * 2).fill(-1);
    for (const name of names) {
      const band = Math.floor(name / 2 ** 32);
      this.slots[this.slotOf(band, name - band * 2 ** 32)] = name;
    }
  }
}

function mix(band: number, digest: number): number {
  const mixed = Math.imul(digest ^ Math.imul(band + 1, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
