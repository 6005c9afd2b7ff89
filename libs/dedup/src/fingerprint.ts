// Fingerprints of texts by the WebAssembly kernel in assembly/fingerprint.ts: the identity of the normal form, MinHash
// signatures (Broder 1997) of word n-grams, and exact set similarity of two texts' shingles. Shingles are 64-bit hashes, so
// a similarity counts hashes: two different shingles of one pair of texts meet with probability below 1e-9.
// The plain version beside it is fingerprint-reference.ts. One instance a thread; it finds no pairs.

import { createRandom } from '@gristmill/core';
import {
  blocksAddress,
  digestsAddress,
  keysAddress,
  minimaAddress,
  openKernel,
  reserve,
  type Kernel,
} from './fingerprint-kernel.ts';
import { sketchBytes, type Scheme } from './scheme.ts';

/** What dedup keeps of a text. */
export interface Signature {
  /** 128 bits over the words of the normal form, as 32 hex digits: equal texts in normal form, equal hash. */
  readonly hash: string;
  readonly words: number;
  /** One 32-bit digest a band. */
  readonly bands: Uint32Array;
  /** The low byte of the first 64 minima: share of equal bytes estimates Jaccard similarity. */
  readonly sketch: Uint8Array;
}

/** Sizes of two sets of shingles and of their intersection. */
export interface Overlap {
  readonly both: number;
  readonly a: number;
  readonly b: number;
}

export interface Fingerprinter {
  /** A text without words has no duplicates; its `words` is 0. A string must be well formed. */
  signature(text: string | Uint8Array, scheme: Scheme): Signature;
  /** Only the identity of the normal form. */
  hash(text: string | Uint8Array): { hash: string; words: number };
  /** Hashes of consecutive word n-grams in order of the text, repeats included. A text of fewer words is one shingle. */
  shingles(text: string | Uint8Array, n?: number): BigUint64Array;
  /** The same, and the byte offsets [start, end) of each word in the UTF-8 text. */
  locate(text: string | Uint8Array, n: number): { shingles: BigUint64Array; spans: Uint32Array };
  overlap(a: BigUint64Array, b: BigUint64Array): Overlap;
  /** Winnowed fingerprints of word n-grams: of every `window` consecutive ones the least (Schleimer et al. 2003). */
  winnowed(text: string | Uint8Array, n: number, window: number): Winnowed;
  /** Lines and paragraphs of at least so many words. */
  pieces(
    text: string | Uint8Array,
    least?: number,
  ): { hash: string; words: number; lines: Pieces; paragraphs: Pieces };
}

export interface Winnowed {
  readonly hash: string;
  readonly words: number;
  readonly prints: BigUint64Array;
  /** Number of the first word of each. */
  readonly positions: Uint32Array;
}

/** Parts of a text in order, each with the hash of its words. */
export interface Pieces {
  readonly hashes: BigUint64Array;
  /** Start and end of each as byte offsets into the UTF-8 text; an end takes the line breaks behind it along. */
  readonly spans: Uint32Array;
  readonly words: Uint32Array;
}

export const shingleWords = 5;

/** An instance grows to about ten times the largest text that it has seen. */
export function createFingerprinter(): Fingerprinter {
  const kernel = openKernel();
  let keysOf = 0;

  /** Puts the text in and hashes its words. Addresses of what follows depend on its length alone. */
  const load = (text: string | Uint8Array, withSpans = false) => {
    const most = typeof text === 'string' ? text.length * 3 : text.length;
    const words = (blocksAddress + most + 15) & ~15;
    // At most one word for two units, and each of four blocks of eight bytes a word.
    const blockBytes = ((text.length + 4) * 4 + 15) & ~15;
    reserve(kernel, words + blockBytes * 4);
    const room = new Uint8Array(kernel.memory.buffer, blocksAddress, most);
    let bytes = text.length;
    if (typeof text === 'string') bytes = encoder.encodeInto(text, room).written;
    else room.set(text);
    const spans = words + blockBytes * 2;
    const count = kernel.hashWords(blocksAddress, bytes, words, withSpans ? spans : 0);
    return { bytes, words, count, shingles: words + blockBytes, spans, free: spans + blockBytes };
  };

  const setKeys = (hashes: number): void => {
    if (keysOf === hashes) return;
    const random = createRandom(1);
    const view = new Uint32Array(kernel.memory.buffer, keysAddress, hashes * 2);
    for (let i = 0; i < hashes * 2; i++) view[i] = Math.floor(random() * 2 ** 32) | (i >= hashes ? 1 : 0);
    keysOf = hashes;
  };

  return {
    hash(text) {
      const { count } = load(text);
      return { hash: readHash(kernel), words: count };
    },
    signature(text, scheme) {
      const { words, count, shingles } = load(text);
      const total = kernel.hashShingles(words, count, shingleWords, shingles);
      const hashes = scheme.bands * scheme.rows;
      setKeys(hashes);
      kernel.minHash(shingles, total, keysAddress, hashes, minimaAddress);
      kernel.hashBands(minimaAddress, scheme.bands, scheme.rows, digestsAddress);
      const minima = new Uint8Array(kernel.memory.buffer, minimaAddress, sketchBytes * 4);
      const digests = new Uint32Array(kernel.memory.buffer, digestsAddress, scheme.bands * 2);
      return {
        hash: readHash(kernel),
        words: count,
        bands: Uint32Array.from({ length: scheme.bands }, (_, band) => digests[band * 2]),
        sketch: Uint8Array.from({ length: sketchBytes }, (_, i) => minima[i * 4]),
      };
    },
    shingles(text, n = shingleWords) {
      const { words, count, shingles } = load(text);
      const total = kernel.hashShingles(words, count, n, shingles);
      return new BigUint64Array(kernel.memory.buffer, shingles, total).slice();
    },
    locate(text, n) {
      const { words, count, shingles, spans } = load(text, true);
      const total = kernel.hashShingles(words, count, n, shingles);
      return {
        shingles: new BigUint64Array(kernel.memory.buffer, shingles, total).slice(),
        spans: new Uint32Array(kernel.memory.buffer, spans, count * 2).slice(),
      };
    },
    winnowed(text, n, window) {
      const { words, count, shingles, free } = load(text);
      const total = kernel.hashShingles(words, count, n, shingles);
      const chosen = kernel.winnow(shingles, total, window, free);
      const positions = new Uint32Array(kernel.memory.buffer, free, chosen).slice();
      const hashes = new BigUint64Array(kernel.memory.buffer, shingles, total);
      const prints = BigUint64Array.from(positions, (position) => hashes[position]);
      return { hash: readHash(kernel), words: count, prints, positions };
    },
    pieces(text, least = 1) {
      const { bytes, words, count, spans, free } = load(text, true);
      const paragraphs = free + count * recordBytes;
      reserve(kernel, paragraphs + count * recordBytes);
      const lines = kernel.hashLines(blocksAddress, bytes, words, spans, count, least, free, paragraphs);
      return {
        hash: readHash(kernel),
        words: count,
        lines: readPieces(kernel, free, lines),
        paragraphs: readPieces(kernel, paragraphs, kernel.paragraphTotal()),
      };
    },
    overlap(a, b) {
      const bits = Math.max(4, Math.ceil(Math.log2((a.length + b.length) * 2 + 1)));
      const table = blocksAddress + (a.length + b.length) * 8;
      reserve(kernel, table + 9 * 2 ** bits);
      new BigUint64Array(kernel.memory.buffer, blocksAddress, a.length).set(a);
      new BigUint64Array(kernel.memory.buffer, blocksAddress + a.length * 8, b.length).set(b);
      const both = kernel.intersect(
        blocksAddress,
        a.length,
        blocksAddress + a.length * 8,
        b.length,
        table,
        bits,
      );
      return { both, a: kernel.distinctA(), b: kernel.distinctB() };
    },
  };
}

const encoder = new TextEncoder();

/** Bytes of a record of `hashLines`. */
const recordBytes = 24;

function readPieces(kernel: Kernel, at: number, count: number): Pieces {
  const halves = new Uint32Array(count * 2);
  const spans = new Uint32Array(count * 2);
  const words = new Uint32Array(count);
  const records = new Uint32Array(kernel.memory.buffer, at, count * 6);
  for (let i = 0; i < count; i++) {
    halves[i * 2] = records[i * 6];
    halves[i * 2 + 1] = records[i * 6 + 1];
    spans[i * 2] = records[i * 6 + 2];
    spans[i * 2 + 1] = records[i * 6 + 3];
    words[i] = records[i * 6 + 4];
  }
  return { hashes: new BigUint64Array(halves.buffer), spans, words };
}

function readHash(kernel: Kernel): string {
  const hex = (half: bigint) => BigInt.asUintN(64, half).toString(16).padStart(16, '0');
  return hex(kernel.hashHigh()) + hex(kernel.hashLow());
}
