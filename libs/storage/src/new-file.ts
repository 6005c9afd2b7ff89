// A file that is written from its first byte to its last. A large one goes past the page cache where the system can do
// that (O_DIRECT): gigabytes that nobody reads soon would push out what others read, and on a machine that has to find
// fresh pages for them first they are several times slower.

import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';

export interface NewFile {
  /** The caller may reuse the bytes once the promise settles. */
  write(bytes: Uint8Array): Promise<void>;
  /** @param sync whether the bytes must have reached the disk */
  finish(sync: boolean): Promise<void>;
  /** Leaves the file as it is; no error when it is closed already. */
  close(): Promise<void>;
}

const largeBytes = 64 << 20;

/** @param expectedBytes about how many will be written, where that is known. Throws what `open` throws */
export async function openNewFile(path: string, expectedBytes = 0): Promise<NewFile> {
  if (expectedBytes < largeBytes || !constants.O_DIRECT) return openCached(path);
  const { O_WRONLY, O_CREAT, O_EXCL, O_DIRECT } = constants;
  try {
    return passCache(await fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_DIRECT), path);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    await fs.rm(path, { force: true }); // some systems make it before they refuse
    return openCached(path);
  }
}

const isUnsupported = (error: unknown) =>
  ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '');

async function openCached(path: string): Promise<NewFile> {
  const file = await fs.open(path, 'wx');
  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length;)
        done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
    },
    async finish(sync) {
      if (sync) await file.sync();
      await file.close();
    },
    close: () => file.close().catch(() => {}),
  };
}

/** Direct writing is in whole sectors, from memory that begins on one. */
const sectorBytes = 4096;
const blockBytes = 4 << 20;

function passCache(opened: fs.FileHandle, path: string): NewFile {
  let file = opened;
  const blocks = [makeBlock(), makeBlock()]; // one is filled while the other is written
  let [at, filled] = [0, 0];
  let writing: Promise<void> = Promise.resolve();

  async function writeBlock(block: Uint8Array, from: number, length: number): Promise<void> {
    for (let done = 0; done < length;) {
      try {
        const { bytesWritten } = await file.write(block, done, length - done, from + done);
        const whole = bytesWritten - (bytesWritten % sectorBytes);
        if (whole === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        done += whole;
      } catch (error) {
        if (!isUnsupported(error) || file !== opened) throw error;
        file = await fs.open(path, 'r+'); // the system opened it so, but does not write it so
        await opened.close();
      }
    }
  }

  /** Begins to write the block that is filled when the one before is written. */
  async function passBlock(length: number): Promise<void> {
    await writing;
    const [block] = blocks;
    writing = writeBlock(block, at, length);
    writing.catch(() => {}); // awaited before the next one
    blocks.reverse();
    at += filled;
    filled = 0;
  }

  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length;) {
        const part = bytes.subarray(done, done + blockBytes - filled);
        blocks[0].set(part, filled);
        filled += part.length;
        done += part.length;
        if (filled === blockBytes) await passBlock(blockBytes);
      }
    },
    async finish(sync) {
      if (filled > 0) await passBlock(Math.ceil(filled / sectorBytes) * sectorBytes);
      await writing;
      await file.truncate(at);
      if (sync) await file.sync();
      await file.close();
    },
    async close() {
      await writing.catch(() => {});
      await file.close().catch(() => {});
    },
  };
}

/** The part of WebAssembly that is used here; its types otherwise come only with the browser's. */
interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
}
const { Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** WebAssembly's memory begins on a page; other arrays begin anywhere. */
function makeBlock(): Uint8Array {
  return new Uint8Array(new Memory({ initial: blockBytes >> 16 }).buffer);
}
