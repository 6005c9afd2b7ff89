// Archives of files: tar and zip, compressed or not, a content for each file in them, named by its path there. Limits on
// entries and bytes stop what would not fit.

import type { Importer } from '@gristmill/corpus';
import { extract as extractTar } from 'tar-stream';
import { ContentError, fileContent, heldContent, readAll, type Content } from './content.ts';
import { mediaTypeByName } from './media-type.ts';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  failed,
} from './import-item.ts';
import { unpack } from './unpack.ts';
import { innerPath, readZipFiles, type ZipFailure } from './zip.ts';

export interface ArchivedFile {
  /** Path in the archive, without a leading slash or `./`. */
  readonly path: string;
  /** The bytes, or why there are none. */
  readonly content: Uint8Array | 'too-large' | 'damaged' | 'encrypted' | 'missing';
}

const mostEntryBytes = 256 * 2 ** 20;
const mostEntries = 1_000_000;
const mostTotalBytes = 64 * 2 ** 30;
const mostSpooledEntry = 16 * 2 ** 30;

/** Regular files of a tar, compressed or not, in order; throws ContentError when the archive is damaged. */
export async function* readTar(location: string): AsyncGenerator<ArchivedFile> {
  const { content } = await unpack(fileContent(location));
  for await (const file of tarFiles(content)) yield await held(file);
}

async function held({ path, content }: ContainedFile): Promise<ArchivedFile> {
  if (typeof content === 'string') return { path, content };
  try {
    return { path, content: await readAll(content, mostEntryBytes) };
  } catch (error) {
    const isLarge = error instanceof ContentError && error.reason === 'too-large';
    return { path, content: isLarge ? 'too-large' : 'damaged' };
  }
}

export interface ContainedFile {
  readonly path: string;
  /** Good until the next one is asked for. */
  readonly content: Content | ZipFailure;
}

/** Files of a tar; those that are long pass through a temporary file. Throws ContentError where it is damaged. */
export async function* tarFiles(content: Content): AsyncGenerator<ContainedFile> {
  const archive = extractTar();
  // What the input throws is the archive's end, too.
  const feeding = feed(content, archive);
  feeding.catch(() => {});
  let entries = 0;
  let total = 0;
  try {
    for await (const entry of archive) {
      const { name, type, size = 0 } = entry.header;
      const path = innerPath(name);
      const isFile = (type === 'file' || type === 'contiguous-file') && path !== '';
      const isLarge = size > mostSpooledEntry || total + size > mostTotalBytes;
      if (!isFile || isLarge) {
        entry.resume();
        if (isFile) yield { path, content: 'too-large' };
        continue;
      }
      if (++entries > mostEntries) throw new ContentError('too-large', `more than ${mostEntries} entries`);
      total += size;
      await using opened = await heldContent(entry as AsyncIterable<Uint8Array>);
      yield { path, content: opened };
    }
    await feeding;
  } catch (error) {
    throw error instanceof ContentError ? error : new ContentError('damaged', 'tar');
  }
}

async function feed(content: Content, archive: ReturnType<typeof extractTar>): Promise<void> {
  try {
    for await (const chunk of content.chunks()) {
      if (archive.destroyed) return;
      if (!archive.write(chunk)) await drained(archive);
    }
    archive.end(undefined);
  } catch (error) {
    archive.destroy(error as Error);
    throw error;
  }
}

function drained(archive: ReturnType<typeof extractTar>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      archive.off('drain', done).off('close', done);
      resolve();
    };
    archive.on('drain', done).on('close', done);
  });
}

function importerOf(
  { name, version, description }: Pick<Importer, 'name' | 'version' | 'description'>,
  read: (content: Content) => AsyncGenerator<ContainedFile>,
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
        const { content } = await unpack(fileContent(file.location));
        for await (const entry of read(content)) {
          const { path, content: bytes } = await held(entry);
          const item = nameOf(path);
          const mediaType = mediaTypeByName(path);
          const metadata = defaultsOf(file.options);
          if (typeof bytes === 'string') yield createVerdict(file, bytes, { item, mediaType });
          else if (bytes.length === 0) yield createVerdict(file, 'empty', { item, mediaType });
          else yield createItem(file, { item, bytes, mediaType, metadata });
        }
      } catch (error) {
        yield failed(file, error);
      }
    },
  };
}

/** Options: the facts of `files`. What lies before a damaged place is kept. */
export const tarImporter = importerOf(
  { name: 'tar', version: 4, description: 'Tar archives, compressed or plain: a document for each file.' },
  tarFiles,
);

/** Options: the facts of `files`. What lies before a damaged place is kept. */
export const zipImporter = importerOf(
  { name: 'zip', version: 4, description: 'Zip archives: a document for each file.' },
  (content) => readZipFiles(content),
);
