// Compressed files, told by their first bytes: gzip, Zstandard, bzip2, xz. Decoded as streams, so that size is no matter;
// what comes before a damaged place is given. Archives are another file's affair.

// Whoever compiles this file from another package needs the declaration, too.
/// <reference path="./unbzip2-stream.d.ts" />
import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import unbzip2 from 'unbzip2-stream';
import xz from 'xz-decompress';
import { ContentError, decodedContent, type Content } from './content.ts';
import { pump } from './pump.ts';
import { decodeZstd } from './zstd-frames.ts';

export type Compression = 'gzip' | 'zstd' | 'bzip2' | 'xz';

/** How bytes that begin so are compressed; undefined when they are not. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const hex = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 10)).toString('hex');
  if (hex.startsWith('1f8b08')) return 'gzip';
  if (hex.startsWith('28b52ffd') || /^5[0-9a-f]2a4d18/.test(hex)) return 'zstd';
  // A block begins with the digits of pi, an empty stream ends with those of its root.
  if (/^425a683[1-9](?:314159265359|177245385090)/.test(hex)) return 'bzip2';
  return hex.startsWith('fd377a585a00') ? 'xz' : undefined;
}

type Chunks = AsyncIterable<Uint8Array>;

const decoders: Readonly<Record<Compression, (chunks: Chunks, again: () => Chunks) => Chunks>> = {
  gzip: gunzip,
  zstd: decodeZstd,
  // A block of 45 bytes may hold 46 MB.
  bzip2: (chunks) => pump(unbzip2(), chunks, () => 1 << 12),
  xz: (chunks) =>
    new xz.XzReadableStream(Readable.toWeb(Readable.from(chunks)) as ReadableStream<Uint8Array>),
};

/** The content without one layer of compression. */
export function decompressed(content: Content, compression: Compression): Content {
  return decodedContent(content, (chunks) => decode(chunks, compression, () => content.chunks()));
}

/** Smaller pieces are taken where damage was met in larger ones. */
const gzipPieces = [1 << 14, 1 << 7, 1];

/** Of a piece with damage in it, or with something behind the last member, Node gives nothing: it is read again in smaller ones. */
async function* gunzip(chunks: Chunks, again: () => Chunks): AsyncGenerator<Uint8Array> {
  const starts: number[] = [];
  let given = 0;
  for (const smallest of gzipPieces) {
    let start = 0;
    const pieceAt = (offset: number): number => {
      start = offset;
      return gzipPieces[starts.findIndex((damaged) => offset < damaged)] ?? smallest;
    };
    const input = starts.length === 0 ? chunks : again();
    let decoded = 0;
    try {
      for await (const bytes of pump(createGunzip({ chunkSize: 1 << 18 }), input, pieceAt)) {
        decoded += bytes.length;
        if (decoded > given) yield bytes.subarray(Math.max(0, bytes.length - (decoded - given)));
        given = Math.max(given, decoded);
      }
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'Z_DATA_ERROR' || smallest === 1) throw error;
      starts.push(start);
    }
  }
}

async function* decode(
  chunks: Chunks,
  compression: Compression,
  again: () => Chunks,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decoders[compression](chunks, again);
  } catch (error) {
    if (error instanceof ContentError) throw error;
    const isCut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw new ContentError(isCut ? 'truncated' : 'damaged', compression);
  }
}

/** The first bytes that gzip holds, whatever damage comes after them. */
export function peekGzip(head: Uint8Array): Buffer {
  let peeked = Buffer.alloc(0);
  for (const length of [64, 128, 256, 512, 2048]) {
    try {
      peeked = gunzipSync(head.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      break;
    }
  }
  return peeked;
}
