// Something that can be read: a file of this machine, bytes in memory, or what another one decodes to. Readers of formats
// take it and do not ask which. Front to back as often as asked; by position where a format needs that.

import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFile, sourceOf, type ByteSource } from '@gristmill/warc';

export interface Content {
  /** Front to back. Throws ContentError where nothing, or no more, can be read. */
  chunks(): AsyncIterable<Uint8Array>;
  /** By position; dispose it. Throws ContentError. */
  open(): Promise<OpenContent>;
}

export type OpenContent = ByteSource & AsyncDisposable;

/** Why a file, or the rest of it, gives nothing: the reason of a verdict. */
export class ContentError extends Error {
  readonly reason: string;
  readonly detail: string | undefined;

  constructor(reason: string, detail?: string) {
    super(reason);
    this.reason = reason;
    this.detail = detail;
  }
}

export const maxFileBytes = 512 * 1024 * 1024;
/** The same for every way to the same bytes: what a reader does with a chunk must not depend on where it came from. */
export const chunkBytes = 1 << 18;

export function fileContent(location: string | Buffer): Content {
  return {
    async *chunks() {
      try {
        if (!(await stat(location)).isFile()) throw new ContentError('unreadable');
        yield* createReadStream(location, { highWaterMark: chunkBytes });
      } catch (error) {
        throw error instanceof ContentError ? error : new ContentError('unreadable');
      }
    },
    async open() {
      try {
        if ((await stat(location)).isFile()) return await openFile(location);
      } catch {
        // Told below, like what is no file.
      }
      throw new ContentError('unreadable');
    },
  };
}

export function bytesContent(bytes: Uint8Array): Content {
  return {
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
      await Promise.resolve();
    },
    open: () => Promise.resolve({ ...sourceOf(bytes), [Symbol.asyncDispose]: () => Promise.resolve() }),
  };
}

/** What `decode` makes of the chunks of another one. */
export function decodedContent(
  inner: Content,
  decode: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Content {
  const chunks = (): AsyncIterable<Uint8Array> => inEqualChunks(decode(inner.chunks()));
  return { chunks, open: () => spool(chunks()) };
}

async function* inEqualChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  const take = (): Buffer => {
    const all = Buffer.concat(held, length);
    [held, length] = [[], 0];
    return all;
  };
  try {
    for await (const chunk of chunks) {
      held.push(chunk);
      length += chunk.length;
      if (length < chunkBytes) continue;
      const all = take();
      const whole = all.length - (all.length % chunkBytes);
      for (let at = 0; at < whole; at += chunkBytes) yield all.subarray(at, at + chunkBytes);
      held.push(all.subarray(whole));
      length = all.length - whole;
    }
  } catch (error) {
    // What lies before a damaged place is given.
    if (length > 0) yield take();
    throw error;
  }
  if (length > 0) yield take();
}

const heldInMemory = 64 * 2 ** 20;
const mostSpooled = 32 * 2 ** 30;

/** All of it by position: in memory where it is short, else in a temporary file that goes when it is disposed. */
async function spool(chunks: AsyncIterable<Uint8Array>): Promise<OpenContent> {
  const held: Uint8Array[] = [];
  let length = 0;
  let folder: string | undefined;
  let file: Awaited<ReturnType<typeof open>> | undefined;
  const remove = async (): Promise<void> => {
    await file?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > mostSpooled) throw new ContentError('too-large');
      if (!file && length <= heldInMemory) held.push(chunk);
      else {
        folder ??= await mkdtemp(join(tmpdir(), 'gristmill-'));
        file ??= await open(join(folder, 'content'), 'w+');
        for (const piece of held.splice(0)) await file.write(piece);
        await file.write(chunk);
      }
    }
    if (!folder) return await bytesContent(Buffer.concat(held, length)).open();
    const source = await openFile(join(folder, 'content'));
    return {
      size: source.size,
      read: (offset, count) => source.read(offset, count),
      [Symbol.asyncDispose]: async () => {
        await source[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What came in chunks once, to be read as often as asked; dispose it. */
export async function heldContent(chunks: AsyncIterable<Uint8Array>): Promise<Content & AsyncDisposable> {
  const source = await spool(chunks);
  return {
    async *chunks() {
      for (let at = 0; at < source.size; at += chunkBytes) yield await source.read(at, chunkBytes);
    },
    open: () =>
      Promise.resolve({
        size: source.size,
        read: (offset, length) => source.read(offset, length),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(source[Symbol.asyncDispose]()),
  };
}

/** All bytes; ContentError `too-large` above the limit. */
export async function readAll(content: Content, maxBytes = maxFileBytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content.chunks()) {
    length += chunk.length;
    if (length > maxBytes) throw new ContentError('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The first bytes; fewer where there are no more or the rest cannot be read. */
export async function readHead(
  content: Content,
  length: number,
): Promise<{ head: Buffer; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let held = 0;
  try {
    for await (const chunk of content.chunks()) {
      chunks.push(chunk);
      held += chunk.length;
      if (held > length) break;
    }
  } catch (error) {
    if (held === 0) throw error;
  }
  return { head: Buffer.concat(chunks).subarray(0, length), isWhole: held <= length };
}
