// A file of JSON lines, plain or as one gzip or zstd stream. (One: not every reader goes on behind the first frame.)

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Duplex, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { unwritable } from './parquet-file.ts';
import type { ExportFile } from './text-export.ts';

type Flushing = Duplex & { flush(kind: number, done: () => void): void };

export function openLineFile(path: string, compress?: 'gzip' | 'zstd'): ExportFile {
  const file = createWriteStream(path);
  let failure: Error | undefined;
  file.once('error', (cause) => (failure = unwritable(path, cause)));
  const codec = compress === undefined ? undefined : createCodec(compress);
  let produced = 0;
  codec?.on('data', (chunk: Buffer) => (produced += chunk.length));
  codec?.pipe(file);
  const input: Writable = codec ?? file;
  let pending = 0;
  /** What the codec has given, and holds ready to be given. */
  const stored = () => produced + (codec?.readableLength ?? 0);
  return {
    async fits(row, most) {
      const bytes = Buffer.byteLength(JSON.stringify(row)) + 1;
      if (!codec) return pending + bytes <= most;
      if (stored() + bound(pending + bytes) <= most) return true;
      if (pending > 0) await flush(codec, compress!);
      pending = 0;
      return stored() + bound(bytes) <= most;
    },
    async write(row) {
      if (failure) throw failure;
      const line = `${JSON.stringify(row)}\n`;
      pending += Buffer.byteLength(line);
      if (!input.write(line)) await drained(input, file);
    },
    async close() {
      input.end();
      await finished(file).catch((cause: unknown) => {
        throw failure ?? unwritable(path, cause);
      });
      return file.bytesWritten;
    },
    async abort() {
      codec?.destroy();
      if (!file.closed) await new Promise<void>((resolve) => file.once('close', () => resolve()).destroy());
    },
  };
}

function createCodec(compress: 'gzip' | 'zstd'): Flushing {
  return (compress === 'gzip' ? createGzip() : createZstdCompress()) as unknown as Flushing;
}

/** What so many bytes of text take at most, with the end of the stream. */
const bound = (bytes: number) => bytes + bytes / 64 + 512;

function flush(codec: Flushing, compress: 'gzip' | 'zstd'): Promise<void> {
  const kind = compress === 'gzip' ? constants.Z_SYNC_FLUSH : constants.ZSTD_e_flush;
  return new Promise((resolve) => codec.flush(kind, resolve));
}

/** Waits for room; a file that fails ends the wait. */
async function drained(input: Writable, file: Writable): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await Promise.race([once(input, 'drain', { signal }), once(file, 'close', { signal })]);
  } finally {
    waiting.abort();
  }
}
