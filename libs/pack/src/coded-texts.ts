// One text column of very many documents, most of which share few values: a number a document, each text made once.

import { isPresent, type RawPage } from '@gristmill/shards';

/** Before each text of a page. */
const lengthBytes = 4;

export class CodedTexts {
  /** By code. */
  readonly texts: string[] = [];
  private readonly documents: number;
  private readonly numbers = new Map<string, number>();
  /** Document → code; made with the first text. */
  private codes: Int32Array | undefined;
  /** The text before, as neighbours are often alike. */
  private last: Uint8Array = new Uint8Array(0);
  private lastCode = -1;

  constructor(documents: number) {
    this.documents = documents;
  }

  /** @returns the code, −1 where the row has no text */
  set(place: number, page: RawPage | undefined, row: number): number {
    if (!isPresent(page, row)) return -1;
    const code = this.codeOf(page, row);
    (this.codes ??= new Int32Array(this.documents).fill(-1))[place] = code;
    return code;
  }

  get(place: number): string | undefined {
    const code = this.codes?.[place] ?? -1;
    return code < 0 ? undefined : this.texts[code];
  }

  /** @param row one that has a text */
  codeOf({ plain, starts }: RawPage, row: number): number {
    const [from, to] = [starts[row] + lengthBytes, starts[row + 1]];
    if (this.lastCode >= 0 && isAlike(this.last, plain, from, to)) return this.lastCode;
    const bytes = plain.toString('latin1', from, to);
    let code = this.numbers.get(bytes);
    if (code === undefined) {
      code = this.texts.push(plain.toString('utf8', from, to)) - 1;
      this.numbers.set(bytes, code);
    }
    this.last = plain.subarray(from, to);
    this.lastCode = code;
    return code;
  }
}

function isAlike(known: Uint8Array, plain: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== plain[from + i]) return false;
  return true;
}
