// Numbers for 128-bit values spelled as 32 hex digits, which are looked up by the digits' bytes where they lie: a scan over
// millions of rows makes a string only for those that it wants.

const digits = 32;

export class HexIndex {
  length = 0;
  private bytes = Buffer.alloc(256 * digits);
  private tags = new Int32Array(256);
  /** Number of the value, plus one; 0 = free. */
  private slots = new Int32Array(1024);
  private readonly spelled = Buffer.alloc(digits);

  /** −1 for a value that was not added. */
  find(bytes: Buffer, at: number): number {
    const tag = tagOf(bytes, at);
    const mask = this.slots.length - 1;
    for (let slot = tag & mask; this.slots[slot] > 0; slot = (slot + 1) & mask) {
      const number = this.slots[slot] - 1;
      if (this.tags[number] === tag && this.isAt(number, bytes, at)) return number;
    }
    return -1;
  }

  /** The value's number: that which it has, else the next. */
  add(bytes: Buffer, at: number): number {
    const known = this.find(bytes, at);
    if (known >= 0) return known;
    if (this.length === this.tags.length) this.grow();
    bytes.copy(this.bytes, this.length * digits, at, at + digits);
    this.tags[this.length] = tagOf(bytes, at);
    this.place(this.length);
    return this.length++;
  }

  findHex(hex: string): number {
    this.spelled.write(hex, 'latin1');
    return this.find(this.spelled, 0);
  }

  addHex(hex: string): number {
    this.spelled.write(hex, 'latin1');
    return this.add(this.spelled, 0);
  }

  at(number: number): string {
    return this.bytes.toString('latin1', number * digits, (number + 1) * digits);
  }

  private isAt(number: number, bytes: Buffer, at: number): boolean {
    return sameDigits(bytes, at, this.bytes, number * digits);
  }

  private place(number: number): void {
    const mask = this.slots.length - 1;
    let slot = this.tags[number] & mask;
    while (this.slots[slot] > 0) slot = (slot + 1) & mask;
    this.slots[slot] = number + 1;
  }

  private grow(): void {
    this.bytes = Buffer.concat([this.bytes], this.bytes.length * 2);
    const tags = new Int32Array(this.tags.length * 2);
    tags.set(this.tags);
    this.tags = tags;
    this.slots = new Int32Array(this.slots.length * 2);
    for (let number = 0; number < this.length; number++) this.place(number);
  }
}

/** Whether 32 digits are the same: for so few bytes faster than `compare`. */
export function sameDigits(a: Buffer, i: number, b: Buffer, j: number): boolean {
  for (const end = i + digits; i < end; i += 4, j += 4)
    if (a.readUInt32LE(i) !== b.readUInt32LE(j)) return false;
  return true;
}

/** The first eight digits are the first 32 bits; each byte has no more than about four bits of its own. */
function tagOf(bytes: Buffer, at: number): number {
  const mixed =
    Math.imul(bytes.readUInt32LE(at), 0x9e3779b1) ^ Math.imul(bytes.readUInt32LE(at + 4), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
