// Archives of files: tar (also gzipped) and zip, an item for each file in them, named by its path there. Limits on
// entries and bytes stop what would not fit.

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Importer } from '@gristmill/corpus';
import { extract as extractTar } from 'tar-stream';
import { mediaTypeByName } from './files.ts';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
} from './import-item.ts';
import { readZipFiles } from './zip.ts';

export interface ArchivedFile {
  /** Path in the archive, without a leading slash or `./`. */
  readonly path: string;
  /** The bytes, or why there are none. */
  readonly content: Uint8Array | 'too-large' | 'damaged' | 'encrypted' | 'missing';
}

export interface ArchiveLimits {
  readonly maxEntries?: number;
  readonly maxEntryBytes?: number;
  readonly maxTotalBytes?: number;
}

/** Regular files of a tar or tar.gz, in order; throws an Error when the archive is damaged. */
export async function* readTar(location: string, limits: ArchiveLimits = {}): AsyncGenerator<ArchivedFile> {
  const { maxEntries = 1_000_000, maxEntryBytes = 256 * 2 ** 20, maxTotalBytes = 64 * 2 ** 30 } = limits;
  const archive = extractTar();
  const input = createReadStream(location);
  const feeding = (await isGzip(location))
    ? pipeline(input, createGunzip(), archive)
    : pipeline(input, archive);
  // The reader below throws the same error; without this it would count as unhandled as well.
  feeding.catch(() => {});
  let entries = 0;
  let total = 0;
  for await (const entry of archive) {
    const { name, type, size = 0 } = entry.header;
    const path = name.replace(/^(?:\.?\/)+/, '');
    const tooLarge = size > maxEntryBytes || total + size > maxTotalBytes;
    if (type !== 'file' || tooLarge) {
      entry.resume();
      if (type === 'file') yield { path, content: 'too-large' };
      continue;
    }
    if (++entries > maxEntries) throw new Error('too many entries');
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    total += size;
    yield { path, content: Buffer.concat(chunks) };
  }
  await feeding;
}

async function isGzip(location: string): Promise<boolean> {
  await using file = await open(location, 'r');
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return buffer[0] === 0x1f && buffer[1] === 0x8b;
}

function importerOf(
  { name, version, description }: Pick<Importer, 'name' | 'version' | 'description'>,
  read: (location: string) => AsyncGenerator<ArchivedFile>,
): Importer {
  return {
    name,
    version,
    description,
    options: defaultsOptions,
    check: (options) => checkOptions(name, options, defaultsOptions),
    async *items(file) {
      const nameOf = createNamer();
      try {
        for await (const { path, content } of read(file.location)) {
          const item = nameOf(path);
          const mediaType = mediaTypeByName(path);
          const metadata = defaultsOf(file.options);
          if (typeof content === 'string') yield createVerdict(file, content, { item, mediaType });
          else if (content.length === 0) yield createVerdict(file, 'empty', { item, mediaType });
          else yield createItem(file, { item, bytes: content, mediaType, metadata });
        }
      } catch {
        yield createVerdict(file, 'damaged');
      }
    },
  };
}

/** Options: the facts of `files`. What lies before a damaged place is kept. */
export const tarImporter = importerOf(
  { name: 'tar', version: 1, description: 'Tar archives, gzip or plain: a document for each file.' },
  (location) => readTar(location),
);

/** Options: the facts of `files`. What lies before a damaged place is kept. */
export const zipImporter = importerOf(
  { name: 'zip', version: 2, description: 'Zip archives: a document for each file.' },
  (location) => readZipFiles(location),
);
