// EPUB books: an item for each document of the spine, in reading order, named by its path in the container, what is not
// linear after all that is; no table of contents. What the documents say is extract's affair. Protected, incomplete or bomb-like containers end in verdicts.

import type { RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { decodeText } from '@gristmill/text';
import { isContentsPage, readChapterTitles } from './epub-contents.ts';
import {
  findPackagePath,
  readEncryptedPaths,
  readPackage,
  type EpubPackage,
  type SpineItem,
} from './epub-package.ts';
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
  version: 4,
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
  if (opened.spine.length === 0) return yield createVerdict(file, 'empty', { mediaType: epubType });
  if (opened.spine.length > mostSpineItems)
    return yield createVerdict(file, 'too-large', { mediaType: epubType });
  const encrypted = await findEncrypted(zip);
  const read = (path: string): ReturnType<Zip['read']> =>
    encrypted.has(path.normalize('NFC')) ? Promise.resolve('encrypted') : zip.read(path);
  const titles = await readTitles(opened, read);
  const navigation = new Set(opened.contents.map(({ path }) => path));
  const { title: partOf, ...book } = { ...defaultsOf(file.options), ...opened.metadata };
  const told = opened.wishes && { told: { embedded: opened.wishes } };
  const group = groupOf(file);
  let order = 0;
  for (const { path, mediaType: declared, isAside } of inReadingOrder(opened.spine)) {
    const bytes = await read(path);
    if (navigation.has(path) && typeof bytes !== 'string' && isContentsPage(decodeXml(bytes))) continue;
    const mediaType = declared || mediaTypeByName(path);
    const title = titles.get(path) ?? partOf;
    const metadata = {
      ...given({ title, partOf, role: isAside ? 'aside' : undefined }),
      ...book,
      order: order++,
    };
    const verdict = typeof bytes === 'string' ? bytes : isText(mediaType) ? undefined : 'media-type';
    if (typeof bytes === 'string' || verdict)
      yield createVerdict(file, verdict!, { item: path, mediaType, group, metadata, ...told });
    else yield createItem(file, { item: path, bytes, mediaType, group, metadata, ...told });
  }
  if (order === 0) yield createVerdict(file, 'empty', { mediaType: epubType });
}

/** What is not linear comes after the book; a book of nothing else is read as it stands. */
function inReadingOrder(spine: readonly SpineItem[]): readonly SpineItem[] {
  const linear = spine.filter(({ isAside }) => !isAside);
  if (linear.length === 0) return spine.map((item) => ({ ...item, isAside: false }));
  return [...linear, ...spine.filter(({ isAside }) => isAside)];
}

async function findEncrypted(zip: Zip): Promise<ReadonlySet<string>> {
  const encryption = await zip.read('META-INF/encryption.xml');
  const listed = typeof encryption === 'string' ? [] : [...readEncryptedPaths(decodeXml(encryption))];
  return new Set(listed.map((path) => path.normalize('NFC')));
}

/** What the first table of contents that can be read calls the documents. */
async function readTitles(
  { contents }: EpubPackage,
  read: Zip['read'],
): Promise<ReadonlyMap<string, string>> {
  for (const { path, kind } of contents) {
    const bytes = kind === 'page' ? 'missing' : await read(path);
    const titles = typeof bytes === 'string' ? undefined : readChapterTitles(decodeXml(bytes), path);
    if (titles && titles.size > 0) return titles;
  }
  return new Map();
}

function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
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
