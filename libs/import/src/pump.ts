// Chunks through a decoder of Node's kind, in small pieces: what was decoded before an error is given before it is thrown,
// and what a bomb makes of a piece is bounded.

import { ContentError } from './content.ts';

/** The part of a stream that a decoder needs; those of Node and older ones have it alike. */
export interface Decoder {
  on(event: 'data', listener: (data: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  write(piece: Buffer, done?: () => void): unknown;
  end(): unknown;
  destroy?(): unknown;
}

/** What a piece becomes is held at once. */
const mostAtOnce = 512 * 2 ** 20;

/** @param pieceBytes length of the piece that begins at this offset of all chunks */
export async function* pump(
  decoder: Decoder,
  chunks: AsyncIterable<Uint8Array>,
  pieceBytes: (offset: number) => number,
): AsyncGenerator<Uint8Array> {
  const output = collect(decoder);
  let offset = 0;
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && !output.isEnded();) {
        const piece = Buffer.from(chunk.subarray(at, at + pieceBytes(offset)));
        at += piece.length;
        offset += piece.length;
        await Promise.race([output.ended, new Promise<void>((resolve) => write(decoder, piece, resolve))]);
        yield* output.take();
      }
      if (output.isEnded()) break;
    }
    if (!output.isEnded()) decoder.end();
    await output.ended;
    yield* output.take();
    const failure = output.failure();
    if (failure) throw failure;
  } finally {
    decoder.destroy?.();
  }
}

/** What a decoder gives, until it ends or fails. */
function collect(decoder: Decoder) {
  let [decoded, held]: [Uint8Array[], number] = [[], 0];
  let failure: Error | undefined;
  let isEnded = false;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const end = (error?: Error): void => {
    failure ??= error;
    isEnded = true;
    resolve();
  };
  decoder.on('end', () => end());
  decoder.on('error', end);
  decoder.on('data', (data) => {
    if (isEnded) return;
    if ((held += data.length) <= mostAtOnce) return void decoded.push(data);
    end(new ContentError('too-large'));
    // An older stream works on until it is thrown at.
    if (isOlder(decoder)) throw failure!;
  });
  return {
    ended,
    isEnded: () => isEnded,
    failure: () => failure,
    take: (): Uint8Array[] => {
      const taken = decoded;
      [decoded, held] = [[], 0];
      return taken;
    },
  };
}

/** Older streams work while they are written to and call nobody back. */
const isOlder = (decoder: Decoder): boolean => decoder.write.length === 1;

function write(decoder: Decoder, piece: Buffer, done: () => void): void {
  if (!isOlder(decoder)) return void decoder.write(piece, done);
  decoder.write(piece);
  done();
}
