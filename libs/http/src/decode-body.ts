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

type Decoder = (bytes: Uint8Array, maxOutputLength: number) => Uint8Array;
const decoders: Readonly<Record<string, Decoder | undefined>> = {
  gzip: (bytes, maxOutputLength) =>
    gunzipSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: (bytes, maxOutputLength) => {
    // Some servers send raw deflate, without the zlib header whose low four bits are 8.
    const inflate = (bytes[0] & 0x0f) === 8 ? inflateSync : inflateRawSync;
    return inflate(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
  },
  br: (bytes, maxOutputLength) =>
    brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
};
