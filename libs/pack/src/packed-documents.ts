// All kept documents as columns, as far as plans, shards and lineage need them: 50 to 60 bytes each and no object, because
// a corpus has millions. A place is a document's number in the order of partition and id.

import { CodedTexts } from './coded-texts.ts';
import { factTexts } from './fact-digests.ts';

/** Each (split, source) has shards of its own. */
export interface DocumentGroup {
  readonly split: string;
  readonly source: string;
}

/** Of a document's name: its id and the digest of its facts, 16 bytes each. */
export const nameBytes = 32;
export const idBytes = 16;

export class PackedDocuments {
  /** First place of each partition, and the end of the last. */
  readonly firsts: Uint32Array;
  /** By place, `nameBytes` each. */
  readonly names: Buffer;
  /** With end-of-text. */
  readonly tokens: Uint32Array;
  /** Number in `groups`. */
  readonly groupOf: Uint32Array;
  readonly groups: DocumentGroup[] = [];
  /** By `factTexts`. */
  readonly texts: readonly CodedTexts[];
  private readonly qualities: Int32Array;
  private readonly hasQuality: Uint8Array;

  constructor(firsts: Uint32Array) {
    const count = firsts.at(-1)!;
    this.firsts = firsts;
    this.names = Buffer.allocUnsafeSlow(count * nameBytes);
    this.tokens = new Uint32Array(count);
    this.groupOf = new Uint32Array(count);
    this.texts = factTexts.map(() => new CodedTexts(count));
    this.qualities = new Int32Array(count);
    this.hasQuality = new Uint8Array(count);
  }

  get count(): number {
    return this.tokens.length;
  }

  id(place: number): string {
    return this.names.toString('hex', place * nameBytes, place * nameBytes + idBytes);
  }

  /** Sign of the order of the id at `place` and one that is spelled in hex. */
  compareId(place: number, hex: Uint8Array, at: number): number {
    const name = place * nameBytes;
    for (let i = 0; i < idBytes; i++) {
      const difference = this.names[name + i] - hexByte(hex, at + 2 * i);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  setQuality(place: number, quality: number): void {
    this.qualities[place] = quality;
    this.hasQuality[place] = 1;
  }

  /** What a shard keeps of it besides id and tokens. */
  facts(place: number) {
    const [language, domain, topic] = this.texts.map((texts) => texts.get(place));
    const quality = this.hasQuality[place] === 1 ? this.qualities[place] : undefined;
    return { language, domain, topic, quality };
  }
}

const digits = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) digits[digit.charCodeAt(0)] = value;

/** The byte that two lower-case hex digits spell. */
export function hexByte(hex: Uint8Array, at: number): number {
  return (digits[hex[at]] << 4) | digits[hex[at + 1]];
}
