// Undoes Content-Encoding (gzip, deflate, br, zstd, also several in a row) up to a limit: a body that would grow beyond
// it is refused before the memory is taken. A stream that breaks off gives what was there.

import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

export type DecodedBody =
  | { readonly bytes: Uint8Array }
  /** `body-too-large` (a bomb), `bad-encoding` (damaged) or `unknown-encoding`. */
  | { readonly error: 'body-too-large' | 'bad-encoding' | 'unknown-encoding' };

const mostLayers = 3;

/**
 * @param contentEncoding value of the header, for example `gzip` or `gzip, br`
 * @param maxBytes limit on the decoded length of every layer
 */
export function decodeBody(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): DecodedBody {
  const layers = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-/, ''))
    .filter((name) => name !== '' && name !== 'identity');
  if (layers.length > mostLayers) return { error: 'bad-encoding' };
  let bytes = body;
  for (const layer of layers.reverse()) {
    const decode = decoders[layer];
    if (!decode) return { error: 'unknown-encoding' };
    if (bytes.length === 0) continue;
    try {
      bytes = decode(bytes, maxBytes);
    } catch (error) {
      const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      return { error: tooLarge ? 'body-too-large' : 'bad-encoding' };
    }
  }
  return bytes.length > maxBytes ? { error: 'body-too-large' } : { bytes };
}

/**
 * A body as an archive kept it: often decoded already, wholly or in part, under the header that the server sent. What
 * cannot be decoded and is plain by itself is taken as it is; gzip that no header tells of is decoded.
 */
export function decodeStored(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): DecodedBody {
  const layers = (contentEncoding ?? '').split(',').map((name) => name.trim());
  // The outer layers go first: what is left of them are the first names.
  const partly = layers.map((_, at) => layers.slice(0, layers.length - at).join());
  const byContent = isEncoded(body) ? ['gzip', 'zstd'] : [];
  const tries = layers.join('') === '' ? [...byContent, ''] : [...partly, ...byContent];
  const decoded = tries.map((encoding) => () => decodeBody(body, encoding, maxBytes));
  const first = decoded[0]();
  if ('error' in first && first.error === 'body-too-large') return first;
  // gzip and Zstandard are known by their first bytes; others are not.
  const isTold = layers.every((name) => /^(?:x-)?gzip$|^zstd$/i.test(name));
  const isPlain = !isEncoded(body) && (isTold || looksPlain(body));
  for (const attempt of decoded) {
    const result = attempt();
    // What is plain may by chance be decoded to noise.
    if ('bytes' in result && (!isPlain || (result.bytes.length > 0 && looksPlain(result.bytes))))
      return result;
  }
  return isPlain ? { bytes: body } : first;
}

/** Begins as gzip, Zstandard or zlib does. */
function isEncoded([a, b, c, d]: Uint8Array): boolean {
  if (a === 0x1f && b === 0x8b) return true;
  return a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd;
}

/** Text or a known document: few control characters, which what br and deflate write is full of. */
function looksPlain(body: Uint8Array): boolean {
  const head = body.subarray(0, 4096);
  const start = Buffer.from(head.subarray(0, 5)).toString('latin1');
  if (start === '%PDF-' || start.startsWith('PK\x03\x04')) return true;
  let controls = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  return controls * 50 <= head.length;
}

type Decoder = (bytes: Uint8Array, maxOutputLength: number) => Uint8Array;
const decoders: Readonly<Record<string, Decoder | undefined>> = {
  gzip: (bytes, maxOutputLength) => {
    const options = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH };
    try {
      return gunzipSync(bytes, options);
    } catch (error) {
      // As browsers do: a wrong sum, or something behind the body, is no matter.
      const start = gzipHeaderLength(bytes);
      if (start === 0 || (error as NodeJS.ErrnoException).code !== 'Z_DATA_ERROR') throw error;
      return inflateRawSync(bytes.subarray(start), options);
    }
  },
  deflate: (bytes, maxOutputLength) => {
    // Some servers send raw deflate, without the zlib header whose low four bits are 8.
    const inflate = (bytes[0] & 0x0f) === 8 ? inflateSync : inflateRawSync;
    return inflate(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
  },
  br: (bytes, maxOutputLength) =>
    brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
};

/** RFC 1952 §2.3; 0 where no gzip begins. */
function gzipHeaderLength(bytes: Uint8Array): number {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) return 0;
  const flags = bytes[3];
  let at = 10;
  if (flags & 4) at += 2 + bytes[at] + 256 * bytes[at + 1];
  for (const flag of [8, 16]) if (flags & flag) at = bytes.indexOf(0, at) + 1;
  return flags & 2 ? at + 2 : at;
}
