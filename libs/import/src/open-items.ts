// Opens whatever it is given by what it is, and what lies in it likewise: an archive's EPUB, a feed's entries, a compressed
// archive's lines. One door for sources, for the command line and for bodies that were fetched.

import type { RawItem } from '@gristmill/core';
import type { ImportFile } from '@gristmill/corpus';
import { tarFiles, type ContainedFile } from './containers.ts';
import { bytesContent, ContentError, type Content } from './content.ts';
import { epubItems } from './epub.ts';
import { feedItems } from './feed.ts';
import { fileItem } from './files.ts';
import { createItem, createNamer, createVerdict, defaultsOf, failed, type Place } from './import-item.ts';
import { recordItems } from './json-documents.ts';
import { readLatexPapers } from './latex-papers.ts';
import { mediaTypeByName } from './media-type.ts';
import { wikiItems } from './mediawiki.ts';
import type { Fields } from './record-fields.ts';
import { sniffContent, type SniffedContent } from './sniff-content.ts';
import { bookItems } from './text-books.ts';
import { unpack, type Unpacked } from './unpack.ts';
import { warcItems } from './warc-items.ts';
import { readZipFiles } from './zip.ts';

/** Where the bytes come from, and what is known of them beforehand. Options: those of `folderImporter`. */
export interface OpenHints extends Pick<ImportFile, 'source' | 'path'> {
  readonly options?: ImportFile['options'];
  /** As the transport declared them. */
  readonly mediaType?: string;
  readonly charset?: string;
  readonly url?: string;
  /** Books in plain text are not divided into chapters. */
  readonly wholeTexts?: boolean;
}

/**
 * The raw items of a file, opened by content. Never throws for what is in the bytes: what cannot be read is an item with
 * a verdict, and what lies before a damaged place is given.
 * @example for await (const item of openItems(bytes, { source: { name: 'x', kind: 'web' }, path: 'a.zip' })) …
 */
export async function* openItems(input: Uint8Array | Content, hints: OpenHints): AsyncGenerator<RawItem> {
  const { source, path, options = {} } = hints;
  const content = input instanceof Uint8Array ? bytesContent(input) : input;
  yield* openPlace({ source, path, options }, content, {
    name: path,
    depth: 0,
    wholeTexts: hints.wholeTexts === true,
    hints,
  });
}

interface Opening {
  /** Of the file or of the entry: its ending is a hint. */
  readonly name: string;
  /** Archives around it. */
  readonly depth: number;
  readonly wholeTexts: boolean;
  /** Of the outermost content alone. */
  readonly hints?: OpenHints;
}

const deepest = 4;

async function* openPlace(place: Place, content: Content, opening: Opening): AsyncGenerator<RawItem> {
  const mediaType = opening.hints?.mediaType ?? mediaTypeByName(opening.name);
  try {
    const unpacked = await unpack(content, opening.name);
    const sniffed = await sniffContent(unpacked);
    yield* read(place, unpacked, sniffed, opening);
  } catch (error) {
    yield failed(place, error, mediaType);
  }
}

function read(
  place: Place,
  unpacked: Unpacked,
  { kind, detail }: SniffedContent,
  opening: Opening,
): AsyncIterable<RawItem> | Iterable<RawItem> {
  const { content, name } = unpacked;
  switch (kind) {
    case 'file':
      return asItIs(place, unpacked, opening);
    case 'feed':
      return feedItems(place, content);
    case 'text-book':
      return opening.wholeTexts ? asItIs(place, unpacked, opening) : bookItems(place, content);
    case 'epub':
      return epubItems(place, content);
    case 'warc':
      return warcItems(place, content);
    case 'mediawiki':
      return wikiItems(place, content);
    case 'tar':
      return paperOrFiles(place, () => tarFiles(content), opening);
    case 'zip':
      return paperOrFiles(place, () => readZipFiles(content), opening);
    case 'dataset-card':
    case 'unsupported':
      return [createVerdict(place, kind, { mediaType: mediaTypeByName(name), detail })];
    default:
      return recordItems(place, unpacked, kind, place.options as Fields);
  }
}

async function* asItIs(
  place: Place,
  { content, name }: Unpacked,
  { hints }: Opening,
): AsyncGenerator<RawItem> {
  const { mediaType = mediaTypeByName(name), charset, url } = hints ?? {};
  yield await fileItem(place, content, {
    mediaType,
    ...(charset !== undefined && { charset }),
    ...(url !== undefined && { url }),
  });
}

/** The sources of a paper are one document, which needs all of them. */
async function* paperOrFiles(
  place: Place,
  open: () => AsyncIterable<ContainedFile>,
  opening: Opening,
): AsyncGenerator<RawItem> {
  const papers = await readLatexPapers(open()).catch((error: unknown) => {
    // What lies before a damaged place is given, file by file.
    if (error instanceof ContentError && error.reason === 'damaged') return undefined;
    throw error;
  });
  if (!papers) return yield* archived(place, open(), opening);
  for (const { path, source } of papers)
    yield createItem(place, {
      item: path,
      bytes: new TextEncoder().encode(source),
      mediaType: 'application/x-tex',
      charset: 'utf-8',
      metadata: defaultsOf(place.options),
    });
}

async function* archived(
  place: Place,
  files: AsyncIterable<ContainedFile>,
  { depth, wholeTexts }: Opening,
): AsyncGenerator<RawItem> {
  if (depth === deepest) throw new ContentError('too-deep', 'archives in archives');
  const nameOf = createNamer();
  for await (const { path, content } of files) {
    if (isHidden(path)) continue;
    const item = nameOf(path);
    const within = place.within === undefined ? item : `${place.within}#${item}`;
    if (typeof content === 'string')
      yield createVerdict(place, content, { item, mediaType: mediaTypeByName(path) });
    else yield* openPlace({ ...place, within }, content, { name: path, depth: depth + 1, wholeTexts });
  }
}

/** As in folders; and what macOS and Windows add to archives. */
function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'Thumbs.db');
}
