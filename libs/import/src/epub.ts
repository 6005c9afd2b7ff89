// EPUB books: an item for each document of the spine, in reading order, named by its path in the container. What the
// documents say is extract's affair. Protected, incomplete or bomb-like containers end in verdicts.

import type { RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { decodeText } from '@gristmill/text';
import { findPackagePath, readEncryptedPaths, readPackage, type EpubPackage } from './epub-package.ts';
import { ContentError, fileContent, type Content } from './content.ts';
import {
  checkOptions,
  createItem,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  failed,
  groupOf,
  type Place,
} from './import-item.ts';
import { mediaTypeByName } from './media-type.ts';
import { unpack } from './unpack.ts';
import { openZip, type Zip } from './zip.ts';

/** Options: the facts of `files`; what the book says of itself wins. */
export const epubImporter: Importer = {
  name: 'epub',
  version: 3,
  description: 'EPUB books: a document for each chapter of the spine, all of one group.',
  options: defaultsOptions,
  check: (options) => checkOptions('epub', options, defaultsOptions),
  async *items(file) {
    try {
      yield* epubItems(file, (await unpack(fileContent(file.location))).content);
    } catch (error) {
      // What is no zip is a damaged book, an empty file as well.
      const isEmpty = error instanceof ContentError && error.reason === 'empty';
      yield isEmpty ? createVerdict(file, 'damaged', { mediaType: epubType }) : failed(file, error, epubType);
    }
  },
};

/** Throws ContentError. */
export async function* epubItems(place: Place, content: Content): AsyncGenerator<RawItem> {
  const zip = await openZip(content);
  if (typeof zip === 'string') return yield createVerdict(place, zip, { mediaType: epubType });
  await using open = zip;
  yield* readEpub(open, place);
}

const epubType = 'application/epub+zip';
const mostSpineItems = 10_000;

async function* readEpub(zip: Zip, file: Place): AsyncGenerator<RawItem> {
  const opened = await openPackage(zip);
  if (typeof opened === 'string') return yield createVerdict(file, opened, { mediaType: epubType });
  const { metadata, spine, wishes } = opened;
  if (spine.length === 0) return yield createVerdict(file, 'empty', { mediaType: epubType });
  if (spine.length > mostSpineItems) return yield createVerdict(file, 'too-large', { mediaType: epubType });
  const encryption = await zip.read('META-INF/encryption.xml');
  const listed = typeof encryption === 'string' ? [] : [...readEncryptedPaths(decodeXml(encryption))];
  const encrypted = new Set(listed.map((path) => path.normalize('NFC')));
  const group = groupOf(file);
  for (const [order, { path, mediaType: declared }] of spine.entries()) {
    const mediaType = declared || mediaTypeByName(path);
    const facts = {
      ...{ group, metadata: { ...defaultsOf(file.options), ...metadata, order } },
      ...(wishes && { told: { embedded: wishes } }),
    };
    const bytes = encrypted.has(path.normalize('NFC')) ? 'encrypted' : await zip.read(path);
    const verdict = typeof bytes === 'string' ? bytes : isText(mediaType) ? undefined : 'media-type';
    if (typeof bytes === 'string' || verdict) {
      yield createVerdict(file, verdict!, { item: path, mediaType, ...facts });
    } else yield createItem(file, { item: path, bytes, mediaType, ...facts });
  }
}

async function openPackage(zip: Zip): Promise<EpubPackage | string> {
  const mimetype = await zip.read('mimetype');
  const isDeclared = typeof mimetype !== 'string' && decodeXml(mimetype).trim().startsWith(epubType);
  if (typeof mimetype === 'string' && mimetype !== 'missing') return mimetype;
  const container = await zip.read('META-INF/container.xml');
  // A book without its mimetype, which some tools leave out, is one by its container document.
  if (container === 'missing') return isDeclared ? 'no-container' : 'no-mimetype';
  if (typeof container === 'string') return container;
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
