// EPUB books: an item for each document of the spine, in reading order, named by its path in the container. What the
// documents say is extract's affair. Protected, incomplete or bomb-like containers end in verdicts.

import { documentId, type RawItem } from '@gristmill/core';
import type { ImportFile, Importer } from '@gristmill/corpus';
import { decodeText } from '@gristmill/text';
import { findPackagePath, readEncryptedPaths, readPackage, type EpubPackage } from './epub-package.ts';
import { checkOptions, createItem, createVerdict, defaultsOf, defaultsOptions } from './import-item.ts';
import { mediaTypeByName } from './files.ts';
import { openZip, type Zip } from './zip.ts';

/** Options: the facts of `files`; what the book says of itself wins. */
export const epubImporter: Importer = {
  name: 'epub',
  version: 1,
  description: 'EPUB books: a document for each chapter of the spine, all of one group.',
  options: defaultsOptions,
  check: (options) => checkOptions('epub', options, defaultsOptions),
  async *items(file) {
    let zip: Zip | string;
    try {
      zip = await openZip(file.location);
    } catch {
      return yield createVerdict(file, 'unreadable', { mediaType: epubType });
    }
    if (typeof zip === 'string') return yield createVerdict(file, zip, { mediaType: epubType });
    using open = zip;
    yield* readEpub(open, file);
  },
};

const epubType = 'application/epub+zip';
const mostSpineItems = 10_000;

async function* readEpub(zip: Zip, file: ImportFile): AsyncGenerator<RawItem> {
  const opened = await openPackage(zip);
  if (typeof opened === 'string') return yield createVerdict(file, opened, { mediaType: epubType });
  const { metadata, spine } = opened;
  if (spine.length === 0) return yield createVerdict(file, 'empty', { mediaType: epubType });
  if (spine.length > mostSpineItems) return yield createVerdict(file, 'too-large', { mediaType: epubType });
  const encryption = await zip.read('META-INF/encryption.xml');
  const encrypted = typeof encryption === 'string' ? new Set() : readEncryptedPaths(decodeXml(encryption));
  const group = documentId({ name: file.source.name, path: file.path });
  for (const [order, { path, mediaType: declared }] of spine.entries()) {
    const mediaType = declared || mediaTypeByName(path);
    const facts = { group, metadata: { ...defaultsOf(file.options), ...metadata, order } };
    const bytes = encrypted.has(path) ? 'encrypted' : await zip.read(path);
    const verdict = typeof bytes === 'string' ? bytes : isText(mediaType) ? undefined : 'media-type';
    if (typeof bytes === 'string' || verdict) {
      yield createVerdict(file, verdict!, { item: path, mediaType, ...facts });
    } else yield createItem(file, { item: path, bytes, mediaType, ...facts });
  }
}

async function openPackage(zip: Zip): Promise<EpubPackage | string> {
  const mimetype = await zip.read('mimetype');
  if (typeof mimetype === 'string') return mimetype === 'missing' ? 'no-mimetype' : mimetype;
  if (!decodeXml(mimetype).trim().startsWith(epubType)) return 'no-mimetype';
  const container = await zip.read('META-INF/container.xml');
  if (typeof container === 'string') return container === 'missing' ? 'no-container' : container;
  const packagePath = findPackagePath(decodeXml(container));
  if (packagePath === undefined) return 'no-package';
  const opf = await zip.read(packagePath);
  if (typeof opf === 'string') return opf === 'missing' ? 'no-package' : opf;
  return readPackage(decodeXml(opf), packagePath) ?? 'no-package';
}

function isText(mediaType: string): boolean {
  return /^text\/|xml|html|json/.test(mediaType) || mediaType === 'application/octet-stream';
}

function decodeXml(bytes: Uint8Array): string {
  return decodeText(bytes, { markup: 'xml' }).text;
}
