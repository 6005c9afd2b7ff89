// A sitemap's body, up to the 50 MB that the protocol allows, compressed or not: read piece after piece, so that neither
// the whole text nor a tree of it is ever there and other work goes on between.

import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { createSitemapReader, type Sitemap } from '@gristmill/markup';

/** Of the text; what lies beyond is not read. */
const mostBytes = 50 * 1024 * 1024 + 1024;
const pieceBytes = 128 * 1024;

/** Never throws: of a damaged one what was read before. */
export async function readSitemap(body: Uint8Array): Promise<Sitemap> {
  const reader = createSitemapReader();
  const decoder = new TextDecoder(charsetOf(body));
  let left = mostBytes;
  try {
    for await (const piece of body[0] === 0x1f && body[1] === 0x8b ? unzipped(body) : piecesOf(body)) {
      reader.write(decoder.decode(piece.subarray(0, left), { stream: true }));
      left -= piece.length;
      if (left <= 0) break;
      await setImmediate();
    }
  } catch {
    // A stream that breaks off.
  }
  return reader.end();
}

function* piecesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
}

function unzipped(body: Uint8Array): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  gunzip.end(body);
  return gunzip as AsyncIterable<Uint8Array>;
}

function charsetOf(body: Uint8Array): string {
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  return body[0] === 0xfe && body[1] === 0xff ? 'utf-16be' : 'utf-8';
}
