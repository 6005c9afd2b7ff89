// The digest of what a shard depends on of a document besides its id and count: the first 16 bytes of SHA-256 over the
// JSON of these columns, in this order, those without a value left out. Spelled from the bytes of a table, since a corpus
// has millions of them: `JSON.stringify` of the row's values gives the same.

import { hash } from 'node:crypto';
import { isPresent, type RawPage } from '@gristmill/shards';
import type { CodedTexts } from './coded-texts.ts';

export const factTexts = ['language', 'domain', 'topic'] as const;
export const factColumns = [...factTexts, 'quality', 'digest', 'bytes', 'masked'] as const;

export type FactPages = Readonly<Record<string, RawPage | undefined>>;

const roomForOthers = 256;

export class FactSpeller {
  private readonly texts: readonly CodedTexts[];
  private buffer = Buffer.allocUnsafeSlow(1 << 10);
  private length = 0;
  /** Column and text as JSON, by column and code. */
  private readonly spelled: readonly Buffer[][];
  /** The buffer's beginnings by length: to make a view costs more than a digest. */
  private views: Buffer[] = [];

  /** @param texts of `factTexts` */
  constructor(texts: readonly CodedTexts[]) {
    this.texts = texts;
    this.spelled = texts.map(() => []);
  }

  /** @param codes of the row's texts @returns a character a byte */
  digest(pages: FactPages, row: number, codes: Int32Array): string {
    this.length = 0;
    for (let column = 0; column < codes.length; column++)
      if (codes[column] >= 0) this.addText(column, codes[column]);
    this.addNumber('"quality":', pages.quality, row);
    this.addHex('"digest":"', pages.digest!, row);
    this.addNumber('"bytes":', pages.bytes, row);
    this.addNumber('"masked":', pages.masked, row);
    this.buffer[this.length++] = closing;
    const view = (this.views[this.length] ??= this.buffer.subarray(0, this.length));
    return hash('sha256', view, 'binary').slice(0, 16);
  }

  private addText(column: number, code: number): void {
    const spell = () =>
      `${JSON.stringify(factTexts[column])}:${JSON.stringify(this.texts[column].texts[code])}`;
    const bytes = (this.spelled[column][code] ??= Buffer.from(spell()));
    this.makeRoom(bytes.length);
    this.begin();
    for (let i = 0; i < bytes.length; i++) this.buffer[this.length++] = bytes[i];
  }

  private addNumber(head: string, page: RawPage | undefined, row: number): void {
    if (!isPresent(page, row)) return;
    this.begin();
    this.addAscii(head);
    this.addAscii(String(page.plain.readInt32LE(page.starts[row])));
  }

  private addHex(head: string, { plain, starts }: RawPage, row: number): void {
    this.begin();
    this.addAscii(head);
    for (let at = starts[row] + 4; at < starts[row + 1]; at++) this.buffer[this.length++] = plain[at];
    this.buffer[this.length++] = quote;
  }

  private addAscii(text: string): void {
    for (let i = 0; i < text.length; i++) this.buffer[this.length++] = text.charCodeAt(i);
  }

  private begin(): void {
    this.buffer[this.length] = this.length === 0 ? opening : comma;
    this.length++;
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes + roomForOthers <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.length + bytes + roomForOthers));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
    this.views = [];
  }
}

const [opening, closing, comma, quote] = Buffer.from('{},"');
