// A list of 128-bit values given and taken as 32 hex digits, in 16 bytes each: ids and hashes of millions of texts.

export class HexList {
  length = 0;
  private bytes: Buffer;

  /** @param expected entries for which there is room at once */
  constructor(expected = 1 << 10) {
    this.bytes = Buffer.alloc(expected * 16);
  }

  push(hex: string): void {
    const at = this.length * 16;
    if (at + 16 > this.bytes.length) this.bytes = Buffer.concat([this.bytes], this.bytes.length * 2 + 16);
    this.bytes.write(hex, at, 16, 'hex');
    this.length++;
  }

  at(index: number): string {
    return this.bytes.toString('hex', index * 16, index * 16 + 16);
  }

  /** Sign of the order of two entries. */
  compare(i: number, j: number): number {
    return this.bytes.compare(this.bytes, j * 16, j * 16 + 16, i * 16, i * 16 + 16);
  }

  /** The first 32 bits. */
  leading(index: number): number {
    return this.bytes.readUInt32BE(index * 16);
  }
}
