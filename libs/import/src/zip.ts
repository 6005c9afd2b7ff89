// Zip archives by entry name, with limits that a bomb meets before memory does: entries, bytes of one entry, bytes of
// all that is read. Checks each entry's CRC, which yauzl does not.

// Whoever compiles this file from another package needs the declaration, too.
/// <reference path="./yauzl.d.ts" />
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ContentError, decodedContent, type Content, type OpenContent } from './content.ts';
import { NameSet } from './name-set.ts';

export type ZipFailure = 'missing' | 'encrypted' | 'damaged' | 'too-large';

export interface Zip extends AsyncDisposable {
  /** Names of files, in the archive's order; the first of equal names counts. */
  readonly names: readonly string[];
  /** Decoded bytes, or why there are none. Names are compared after canonical normalisation, then without case. */
  read(name: string): Promise<Uint8Array | ZipFailure>;
}

export interface ZipLimits {
  readonly maxEntries?: number;
  readonly maxEntryBytes?: number;
  readonly maxTotalBytes?: number;
}

/** Opens a zip file; `damaged` or `too-large` (too many entries) when it cannot be used. Dispose it. */
export async function openZip(
  content: Content,
  limits: ZipLimits = {},
): Promise<Zip | 'damaged' | 'too-large'> {
  const { maxEntries = 20_000, maxEntryBytes = 64 * 2 ** 20, maxTotalBytes = 512 * 2 ** 20 } = limits;
  const source = await content.open();
  const close = (): Promise<void> => Promise.resolve(source[Symbol.asyncDispose]());
  const file = await openArchive(source);
  const entries = new Map<string, Entry>();
  const failure = file ? await readEntries(file, maxEntries, entries) : 'damaged';
  if (!file || failure) return (await close(), failure ?? 'damaged');
  const others = otherNames(entries);
  let total = 0;
  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name) ?? entries.get(findName(others, name) ?? '');
      if (!entry) return 'missing';
      const bytes = await readChecked(file, entry, Math.min(maxEntryBytes, maxTotalBytes - total));
      if (typeof bytes !== 'string') total += bytes.length;
      return bytes;
    },
    [Symbol.asyncDispose]: close,
  };
}

async function readEntries(
  file: ZipFile,
  maxEntries: number,
  entries: Map<string, Entry>,
): Promise<'damaged' | 'too-large' | undefined> {
  if (file.entryCount > maxEntries) return 'too-large';
  try {
    for await (const entry of file.eachEntry()) {
      const name = nameOf(entry);
      if (name !== undefined && !entries.has(name)) entries.set(name, entry);
    }
  } catch {
    // A directory that is damaged at its end still names what lies before.
    return entries.size === 0 ? 'damaged' : undefined;
  }
  return undefined;
}

/** Other spellings of names that lead to one entry alone: normalised, without case, and without the escapes of a URL. */
function otherNames(entries: ReadonlyMap<string, Entry>): Map<string, string | undefined> {
  const others = new Map<string, string | undefined>();
  for (const name of entries.keys())
    for (const other of new Set([name.normalize('NFC'), folded(name), folded(unescapePath(name))]))
      others.set(other, others.has(other) ? undefined : name);
  return others;
}

function findName(others: ReadonlyMap<string, string | undefined>, name: string): string | undefined {
  return others.get(name.normalize('NFC')) ?? others.get(folded(name));
}

/** By way of upper case, for letters that are two there: ß, ﬁ. */
const folded = (name: string): string =>
  name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');

/** Files of an archive in its order, without a list of them; throws where it is damaged. The first of equal names counts. */
export async function* readZipFiles(
  content: Content,
  maxEntries = 1_000_000,
): AsyncGenerator<{ path: string; content: Content | ZipFailure }> {
  await using source = await content.open();
  const file = await openArchive(source);
  if (!file) throw new ContentError('damaged', 'zip');
  const seen = new NameSet();
  let entries = 0;
  try {
    for await (const entry of file.eachEntry()) {
      if (++entries > maxEntries) throw new ContentError('too-large', `more than ${maxEntries} entries`);
      const path = nameOf(entry);
      if (path === undefined || !seen.add(path)) continue;
      yield { path, content: failureOf(entry) ?? entryContent(file, entry) };
    }
  } catch (error) {
    throw error instanceof ContentError ? error : new ContentError('damaged', 'zip');
  }
}

function entryContent(file: ZipFile, entry: Entry): Content {
  const stored: Content = {
    async *chunks() {
      try {
        yield* await file.openReadStreamPromise(entry);
      } catch {
        throw new ContentError('damaged', 'zip');
      }
    },
    open: () => Promise.reject(new Error('read front to back')),
  };
  return decodedContent(stored, (chunks) => checked(chunks, entry.crc32));
}

async function* checked(chunks: AsyncIterable<Uint8Array>, sum: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of chunks) {
    seen = crc32(chunk, seen);
    yield chunk;
  }
  if (seen !== sum) throw new ContentError('damaged', 'zip');
}

async function openArchive(source: OpenContent): Promise<ZipFile | undefined> {
  try {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
    return await yauzl.fromRandomAccessReaderPromise(readerOf(source), source.size, options);
  } catch {
    return undefined;
  }
}

function readerOf(source: OpenContent): InstanceType<typeof yauzl.RandomAccessReader> {
  const reader = new yauzl.RandomAccessReader();
  reader._readStreamForRange = (start, end) => Readable.from(rangeOf(source, start, end));
  reader.read = (buffer, offset, length, position, done) => {
    const copied = source.read(position, length).then((bytes) => {
      if (bytes.length < length) throw new Error('unexpected end of file');
      buffer.set(bytes, offset);
    });
    copied.then(() => done(), done);
  };
  return reader;
}

const readAtOnce = 1 << 18;

async function* rangeOf(source: OpenContent, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += readAtOnce)
    yield await source.read(at, Math.min(readAtOnce, end - at));
}

/** Path of a file in the archive, which leads nowhere out of it; undefined for folders. */
function nameOf({ fileNameRaw: raw, generalPurposeBitFlag, extraFields }: Entry): string | undefined {
  // Many writers give UTF-8 without the flag that says so; what is not UTF-8 is CP437.
  const flags = isUtf8(raw) ? generalPurposeBitFlag | 0x800 : generalPurposeBitFlag & ~0x800;
  const name = yauzl.getFileNameLowLevel(flags, raw, extraFields, false);
  if (name.endsWith('/')) return undefined;
  return innerPath(name) || undefined;
}

/** A path of a URL without its escapes: those of UTF-8, else those of Latin 1. */
export function unescapePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path.replace(/%([0-9a-f]{2})/gi, (_, octet: string) => String.fromCharCode(parseInt(octet, 16)));
  }
}

/** Without what would lead out of an archive: a slash at the front, `.` and `..`. */
export function innerPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
}

function failureOf(entry: Entry): ZipFailure | undefined {
  if (entry.canDecodeFileData()) return undefined;
  return entry.isEncrypted() ? 'encrypted' : 'damaged';
}

async function readChecked(file: ZipFile, entry: Entry, most: number): Promise<Uint8Array | ZipFailure> {
  const failure = failureOf(entry);
  if (failure) return failure;
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
