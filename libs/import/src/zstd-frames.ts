// Zstandard (RFC 8878) in several frames: Node's stream ends with the first one, and programs that compress in parallel
// or append write many, some of them to be skipped. Finds where frames end, by the lengths of their blocks.

import { createZstdDecompress, constants } from 'node:zlib';
import { ContentError } from './content.ts';
import { pump } from './pump.ts';

const magic = 0xfd2fb528;
const isSkippable = (word: number): boolean => word >= 0x184d2a50 && word <= 0x184d2a5f;
const params = { [constants.ZSTD_d_windowLogMax]: 31 };

/** Throws ContentError `damaged` after all that could be decoded. */
export async function* decodeZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = createInput(chunks);
  for (let count = 0; ; count++) {
    const head = await input.peek(8);
    if (head.length === 0) return;
    const word = head.length >= 4 ? head.readUInt32LE(0) : 0;
    if (head.length === 8 && isSkippable(word)) {
      for await (const piece of input.take(8 + head.readUInt32LE(4))) void piece;
    } else if (word === magic) {
      yield* pump(createZstdDecompress({ params, chunkSize: 1 << 18 }), frame(input), () => 1 << 12);
    } else if (count > 0 && (await isPadding(input))) return;
    else throw new ContentError('damaged');
  }
}

interface Input {
  /** The next bytes, without taking them; fewer at the end only. */
  peek(length: number): Promise<Buffer>;
  /** The next bytes in pieces; throws ContentError `truncated` where there are fewer. */
  take(length: number): AsyncGenerator<Uint8Array>;
}

function createInput(chunks: AsyncIterable<Uint8Array>): Input {
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const fill = async (length: number): Promise<void> => {
    while (held.length < length) {
      const next = await iterator.next();
      if (next.done) return;
      held = Buffer.concat([held, next.value]);
    }
  };
  return {
    async peek(length) {
      await fill(length);
      return held.subarray(0, length);
    },
    async *take(length) {
      for (let left = length; left > 0;) {
        await fill(1);
        if (held.length === 0) throw new ContentError('truncated');
        const piece = held.subarray(0, left);
        held = held.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
  };
}

/** One frame's bytes: header, blocks until the last one, checksum. */
async function* frame(input: Input): AsyncGenerator<Uint8Array> {
  const descriptor = (await input.peek(5))[4] ?? 0;
  const isSingle = (descriptor >> 5) & 1;
  const sizeBytes = [isSingle, 2, 4, 8][descriptor >> 6];
  yield* input.take(5 + (1 - isSingle) + [0, 1, 2, 4][descriptor & 3] + sizeBytes);
  for (let isLast = false; !isLast;) {
    const head = await input.peek(3);
    if (head.length < 3) throw new ContentError('truncated');
    const block = head.readUIntLE(0, 3);
    isLast = (block & 1) === 1;
    const isRun = ((block >> 1) & 3) === 1;
    yield* input.take(3 + (isRun ? 1 : block >> 3));
  }
  yield* input.take((descriptor >> 2) & 1 ? 4 : 0);
}

async function isPadding(input: Input): Promise<boolean> {
  return (await input.peek(64)).every((byte) => byte === 0);
}
