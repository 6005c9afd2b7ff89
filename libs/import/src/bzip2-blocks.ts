// bzip2 by blocks: each stands by itself, at any bit of the file, and begins with a number of 48 bits (the digits of pi), so
// several threads decode one file. What begins by chance with that number costs the blocks around it their sums, and is told.

import seekBzip from 'seek-bzip';
import { ContentError, type OpenContent } from './content.ts';

/** Digits of pi before a block, of its root at the end of a stream. */
const magics = [0x314159265359n, 0x177245385090n];
const scanned = 1 << 20;

interface Pattern {
  /** What of the number fills whole bytes, at one of eight shifts; the bits before and behind it. */
  readonly inner: Buffer;
  readonly shift: number;
  readonly first: number;
  readonly last: number;
  readonly isBlock: boolean;
}

const patterns: readonly Pattern[] = magics.flatMap((magic, index) =>
  Array.from({ length: 8 }, (_, shift) => {
    const inner = (magic >> BigInt(shift)) & 0xffffffffffn;
    return {
      inner: Buffer.from(inner.toString(16).padStart(10, '0'), 'hex'),
      ...{ shift, isBlock: index === 0 },
      first: Number(magic >> BigInt(40 + shift)),
      last: Number(magic & ((1n << BigInt(shift)) - 1n)),
    };
  }),
);

/** A place, in bits, at which a block begins or a stream ends. */
export interface Bzip2Mark {
  readonly bit: number;
  readonly isBlock: boolean;
}

/** All of them from a byte on, in order. */
export async function* bzip2Marks(source: OpenContent, from = 0): AsyncGenerator<Bzip2Mark> {
  // A number that a piece cuts is found in the next one, which begins a little before.
  for (let at = from; at < source.size; at += scanned) {
    const bytes = Buffer.from(await source.read(at, Math.min(scanned + 6, source.size - at)));
    const found = patterns.flatMap((pattern) => marksOf(bytes, pattern, at));
    yield* found.sort((a, b) => a.bit - b.bit);
  }
}

function marksOf(
  bytes: Buffer,
  { inner, shift, first, last, isBlock }: Pattern,
  offset: number,
): Bzip2Mark[] {
  const marks: Bzip2Mark[] = [];
  for (let at = bytes.indexOf(inner, 1); at >= 0; at = bytes.indexOf(inner, at + 1)) {
    if (at > scanned) break;
    const isFirst = (bytes[at - 1] & (0xff >> shift)) === first;
    if (isFirst && (shift === 0 || bytes[at + 5] >> (8 - shift) === last))
      marks.push({ bit: (offset + at - 1) * 8 + shift, isBlock });
  }
  return marks;
}

const mostBlockBytes = 4 << 20;

/** One block, between its mark and the next. @throws ContentError `damaged` where its sum is wrong */
export async function decodeBzip2Block(source: OpenContent, from: number, to: number): Promise<Uint8Array> {
  const start = Math.floor(from / 8);
  const length = Math.ceil(to / 8) - start;
  if (length > mostBlockBytes) throw new ContentError('damaged', 'bzip2');
  const header = Buffer.from('BZh9');
  const bytes = Buffer.concat([header, await source.read(start, length), Buffer.alloc(8)]);
  try {
    return seekBzip.decodeBlock(bytes, header.length * 8 + (from % 8));
  } catch {
    throw new ContentError('damaged', 'bzip2');
  }
}
