// Words and how often they occur, as bytes that move between threads and add up in any order. One entry after the other:
// count (8 bytes), length of the word in bytes (4), 4 bytes of a hash that only assembly/count-kernel.ts looks at, then
// the word in UTF-8, of which a place of 16 bytes or the next multiple of 8 is kept. Little-endian.

export type CountedWords = Uint8Array<ArrayBuffer>;

/** The same in the memory of JavaScript. */
export type WordCounts = Map<string, number>;

/** Gathers words; the order of the calls makes no difference. */
export interface WordCounter {
  addText(text: string): void;
  /** Adds what a counter of the same kind gathered. */
  addWords(words: CountedWords): void;
  /** A view: void after the next call. */
  words(): CountedWords;
  clear(): void;
}

const head = 16;
const utf8 = new TextEncoder();

const sizeOf = (length: number): number => head + Math.max(16, (length + 7) & ~7);

/** The words of `counts`, which must be well-formed strings. */
export function writeCountedWords(counts: ReadonlyMap<string, number>): CountedWords {
  let size = 0;
  for (const word of counts.keys()) size += sizeOf(Buffer.byteLength(word));
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [word, count] of counts) {
    const length = utf8.encodeInto(word, bytes.subarray(at + head)).written;
    view.setUint32(at, count >>> 0, true);
    view.setUint32(at + 4, Math.floor(count / 2 ** 32), true);
    view.setUint32(at + 8, length, true);
    at += sizeOf(length);
  }
  return bytes;
}

export function* readCountedWords(words: CountedWords): Generator<[word: string, count: number]> {
  const view = new DataView(words.buffer, words.byteOffset, words.length);
  const text = Buffer.from(words.buffer, words.byteOffset, words.length);
  for (let at = 0; at < words.length;) {
    const count = view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true);
    const length = view.getUint32(at + 8, true);
    yield [text.toString('utf8', at + head, at + head + length), count];
    at += sizeOf(length);
  }
}
