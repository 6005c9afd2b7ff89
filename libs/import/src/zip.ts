// Zip archives by entry name, with limits that a bomb meets before memory does: entries, bytes of one entry, bytes of
// all that is read. Checks each entry's CRC, which yauzl does not.

// Whoever compiles this file from another package needs the declaration, too.
/// <reference path="./yauzl.d.ts" />
import { crc32 } from 'node:zlib';
import { NameSet } from './name-set.ts';
import yauzl, { type Entry, type ZipFile } from 'yauzl';

export type ZipFailure = 'missing' | 'encrypted' | 'damaged' | 'too-large';

export interface Zip extends Disposable {
  /** Names of files, in the archive's order; the first of equal names counts. */
  readonly names: readonly string[];
  /** Decoded bytes, or why there are none. */
  read(name: string): Promise<Uint8Array | ZipFailure>;
}

export interface ZipLimits {
  readonly maxEntries?: number;
  readonly maxEntryBytes?: number;
  readonly maxTotalBytes?: number;
}

const options = { lazyEntries: true, autoClose: false, strictFileNames: false };

/** Opens a zip file; `damaged` or `too-large` (too many entries) when it cannot be used. Dispose it. */
export async function openZip(
  location: string | Uint8Array,
  limits: ZipLimits = {},
): Promise<Zip | 'damaged' | 'too-large'> {
  const { maxEntries = 20_000, maxEntryBytes = 64 * 2 ** 20, maxTotalBytes = 512 * 2 ** 20 } = limits;
  let file: ZipFile;
  try {
    file = await (typeof location === 'string'
      ? yauzl.openPromise(location, options)
      : yauzl.fromBufferPromise(Buffer.from(location.buffer, location.byteOffset, location.length), options));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    return 'damaged';
  }
  const entries = new Map<string, Entry>();
  try {
    if (file.entryCount > maxEntries) return (file.close(), 'too-large');
    for await (const entry of file.eachEntry()) {
      if (!entry.fileName.endsWith('/') && !entries.has(entry.fileName)) entries.set(entry.fileName, entry);
    }
  } catch {
    file.close();
    return 'damaged';
  }
  let total = 0;
  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name);
      if (!entry) return 'missing';
      const content = await readChecked(file, entry, Math.min(maxEntryBytes, maxTotalBytes - total));
      if (typeof content !== 'string') total += content.length;
      return content;
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** Files of an archive in its order, without a list of them; throws where it is damaged. The first of equal names counts. */
export async function* readZipFiles(
  location: string,
  { maxEntries = 1_000_000, maxEntryBytes = 256 * 2 ** 20, maxTotalBytes = 64 * 2 ** 30 }: ZipLimits = {},
): AsyncGenerator<{ path: string; content: Uint8Array | ZipFailure }> {
  const file = await yauzl.openPromise(location, options);
  try {
    const seen = new NameSet();
    let [entries, total] = [0, 0];
    for await (const entry of file.eachEntry()) {
      if (++entries > maxEntries) throw new Error('too many entries');
      if (entry.fileName.endsWith('/') || !seen.add(entry.fileName)) continue;
      const content = await readChecked(file, entry, Math.min(maxEntryBytes, maxTotalBytes - total));
      if (typeof content !== 'string') total += content.length;
      yield { path: entry.fileName, content };
    }
  } finally {
    file.close();
  }
}

async function readChecked(file: ZipFile, entry: Entry, most: number): Promise<Uint8Array | ZipFailure> {
  if (!entry.canDecodeFileData()) return entry.isEncrypted() ? 'encrypted' : 'damaged';
  if (entry.uncompressedSize > most) return 'too-large';
  const bytes = await readEntry(file, entry).catch(() => undefined);
  return bytes && crc32(bytes) === entry.crc32 ? bytes : 'damaged';
}

/** yauzl ends the stream with an error when an entry grows beyond the size that its header tells. */
async function readEntry(file: ZipFile, entry: Entry): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await file.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
