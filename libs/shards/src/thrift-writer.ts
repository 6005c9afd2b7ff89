// The little of Thrift's compact protocol that a Parquet footer needs: structs, lists, integers and strings, written
// one after the other into a growing buffer. Field numbers ascend within a struct. Integers stay below 2^53.

const integerType = 5; // i32; i64 is 6 and spelled the same
const longType = 6;
const textType = 8;
const listType = 9;
const structType = 12;

export class ThriftWriter {
  private buffer = Buffer.allocUnsafeSlow(1 << 12);
  private length = 0;
  private lastField = 0;
  private readonly outerFields: number[] = [];

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  int32(field: number, value: number): void {
    this.head(field, integerType);
    this.zigzag(value);
  }

  int64(field: number, value: number): void {
    this.head(field, longType);
    this.zigzag(value);
  }

  text(field: number, value: string): void {
    this.head(field, textType);
    this.textItem(value);
  }

  /** Then `textItem`, `int32Item` or `beginItem` … `end` as often as `count` says. */
  list(field: number, items: 'int32' | 'text' | 'struct', count: number): void {
    this.head(field, listType);
    const type = items === 'int32' ? integerType : items === 'text' ? textType : structType;
    if (count < 15) this.byte((count << 4) | type);
    else {
      this.byte(0xf0 | type);
      this.varint(count);
    }
  }

  int32Item(value: number): void {
    this.zigzag(value);
  }

  textItem(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    this.reserve(bytes);
    this.length += this.buffer.write(value, this.length);
  }

  beginItem(): void {
    this.outerFields.push(this.lastField);
    this.lastField = 0;
  }

  begin(field: number): void {
    this.head(field, structType);
    this.beginItem();
  }

  /**
   * Bytes that another writer made: the beginning of a struct in `field`, up to and with its field `last`. An `end` ends it.
   */
  continueWith(bytes: Uint8Array, { field, last }: { field: number; last: number }): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
    this.outerFields.push(field);
    this.lastField = last;
  }

  end(): void {
    this.byte(0);
    this.lastField = this.outerFields.pop() ?? 0;
  }

  private head(field: number, type: number): void {
    this.byte(((field - this.lastField) << 4) | type);
    this.lastField = field;
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  private zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  private varint(value: number): void {
    this.reserve(10);
    this.length = writeVarint(this.buffer, this.length, value);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.length + bytes));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

/** @param value 0 to 2^53 @returns where the next byte goes */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  if (rest <= 0x7fffffff) {
    for (; rest > 0x7f; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
    target[at++] = rest;
    return at;
  }
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) target[at++] = (rest % 128) | 0x80;
  target[at++] = rest;
  return at;
}
