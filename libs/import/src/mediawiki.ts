// Wikipedia and other wikis of MediaWiki, as their dumps have them: a document a page, the last revision's wikitext, which
// extract reads. A dump is split by blocks where it is bzip2, else by bytes; whoever reads a stretch owns the pages that
// begin in it.

import type { JsonObject, OptionSchema, OptionsOf, RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { bzip2Marks, decodeBzip2Block } from './bzip2-blocks.ts';
import { compressionOf } from './compression.ts';
import { chunkBytes, ContentError, fileContent, readHead, type Content } from './content.ts';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  failed,
  type FileShare,
  type Place,
} from './import-item.ts';
import { cutPages, pageUrl, readPage, readSite, type PagePiece, type WikiSite } from './mediawiki-pages.ts';
import { unpack } from './unpack.ts';

export const wikiOptions = {
  namespaces: {
    type: 'list',
    otherwise: "['0']",
    description:
      'Numbers of the namespaces that are read: 0 articles, 1 their talk, 4 the project, 14 categories, and so on.',
  },
  redirects: {
    type: 'boolean',
    otherwise: 'false',
    description: 'Pages that only lead to another one are documents, too.',
  },
  ...defaultsOptions,
} as const satisfies OptionSchema;

/** Items are named by title. Pages of other namespaces, and redirects, give none unless the options say so. */
export const mediawikiImporter: Importer = {
  name: 'mediawiki',
  version: 1,
  description:
    'Dumps of Wikipedia and other wikis of MediaWiki (XML, compressed or not): a document for each page, in wikitext.',
  options: wikiOptions,
  check: (options) => checkOptions('mediawiki', options, wikiOptions),
  async *items(file) {
    try {
      const content = fileContent(file.location);
      yield* file.share
        ? sharedItems(file, content, file.share)
        : wikiItems(file, (await unpack(content)).content);
    } catch (error) {
      yield failed(file, error, 'text/x-wiki');
    }
  },
  split: (file, bytes) => splitWiki(fileContent(file.location), bytes),
};

const headBytes = 1 << 16;

/** Throws ContentError. */
export async function* wikiItems(place: Place, content: Content): AsyncGenerator<RawItem> {
  const site = await siteOf(content);
  yield* itemsOf(place, cutPages(content.chunks()), { site });
}

async function siteOf(content: Content): Promise<WikiSite> {
  const { head } = await readHead(content, headBytes);
  const text = head.toString();
  if (!/<mediawiki[\s>]/.test(text)) throw new ContentError('no-dump');
  return readSite(text);
}

async function* itemsOf(
  place: Place,
  pieces: AsyncIterable<PagePiece>,
  { site, share }: { site: WikiSite; share?: FileShare },
): AsyncGenerator<RawItem> {
  const nameOf = createNamer(share);
  const metadata = {
    ...(site.language !== undefined && { language: site.language }),
    ...(site.name !== undefined && { siteName: site.name }),
    ...defaultsOf(place.options),
  };
  let pages = 0;
  for await (const piece of pieces) {
    if (piece === 'truncated' && pages > 0) yield createVerdict(place, piece, { mediaType: 'text/x-wiki' });
    else if (piece === 'truncated') throw new ContentError('truncated');
    else {
      pages++;
      const item = pageItem(place, piece, { site, metadata, nameOf });
      if (item) yield item;
    }
  }
  if (pages === 0 && !share) throw new ContentError('empty');
}

interface Naming {
  readonly site: WikiSite;
  readonly metadata: ReturnType<typeof defaultsOf>;
  readonly nameOf: (wanted: string) => string;
}

/** Undefined for what the options leave out. */
function pageItem(
  place: Place,
  piece: Exclude<PagePiece, 'truncated'>,
  { site, metadata, nameOf }: Naming,
): RawItem | undefined {
  const mediaType = 'text/x-wiki';
  const page = typeof piece === 'string' ? undefined : readPage(piece);
  if (!page) {
    const reason = typeof piece === 'string' ? piece : 'bad-page';
    return createVerdict(place, reason, { item: nameOf('page'), mediaType });
  }
  const { namespaces = ['0'], redirects = false } = place.options as OptionsOf<typeof wikiOptions>;
  const { title, namespace, redirect, model, text, date } = page;
  if (!namespaces.map(Number).includes(namespace)) return undefined;
  if (redirect !== undefined && !redirects) return undefined;
  const item = nameOf(title);
  if (model !== 'wikitext') return createVerdict(place, 'unsupported', { item, mediaType, detail: model });
  if (text === undefined) return createVerdict(place, 'deleted', { item, mediaType });
  if (text.trim() === '') return createVerdict(place, 'empty', { item, mediaType });
  if ((text.match(/\ufffd/g)?.length ?? 0) > Math.max(2, text.length / 100))
    return createVerdict(place, 'bad-charset', { item, mediaType });
  const url = site.base === undefined ? undefined : pageUrl(site.base, title);
  return createItem(place, {
    item,
    bytes: new TextEncoder().encode(text),
    ...{ mediaType, charset: 'utf-8' },
    ...(url !== undefined && { url }),
    metadata: { ...metadata, title, ...(date !== undefined && { date }) },
  });
}

/** bzip2 makes about a quarter of wikitext. */
const packing = 4;

/** Stretches of bytes, or of bits where it is bzip2; undefined for what is no dump, short, or compressed otherwise. */
export async function splitWiki(content: Content, bytes: number): Promise<readonly JsonObject[] | undefined> {
  const compression = compressionOf((await readHead(content, 16)).head);
  if (compression !== undefined && compression !== 'bzip2') return undefined;
  await siteOf((await unpack(content)).content);
  await using source = await content.open();
  const borders = [0];
  if (compression === undefined) for (let at = bytes; at < source.size; at += bytes) borders.push(at);
  else
    for await (const { bit, isBlock } of bzip2Marks(source))
      if (isBlock && bit - borders.at(-1)! > (bytes / packing) * 8) borders.push(bit);
  if (borders.length < 2) return undefined;
  const unit = compression === undefined ? 'bytes' : 'bits';
  return borders.map((from, index) => ({ unit, from, to: borders[index + 1] ?? source.size * 8 }));
}

async function* sharedItems(place: Place, content: Content, share: FileShare): AsyncGenerator<RawItem> {
  const { unit, from, to } = share.stretch as { unit: string; from: number; to: number };
  const site = await siteOf((await unpack(content)).content);
  await using source = await content.open();
  const decoded = { length: Infinity };
  const pieces =
    unit === 'bytes'
      ? cutPages(bytesFrom(source, from), (offset) => from + offset < to)
      : cutPages(blocksFrom(source, { from, to, decoded }), (offset) => offset < decoded.length);
  try {
    yield* itemsOf(place, pieces, { site, share });
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    // Read in one piece, what lies before the damage is given, and the damage told once.
    share.refuse();
  }
}

type Source = Awaited<ReturnType<Content['open']>>;

async function* bytesFrom(source: Source, from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < source.size; at += chunkBytes)
    yield source.read(at, Math.min(chunkBytes, source.size - at));
}

/** Blocks from one on; `decoded.length` becomes what those before the end of the stretch hold. */
async function* blocksFrom(
  source: Source,
  { from, to, decoded }: { from: number; to: number; decoded: { length: number } },
): AsyncGenerator<Uint8Array> {
  let block: number | undefined;
  let length = 0;
  for await (const { bit, isBlock } of bzip2Marks(source, Math.max(0, Math.floor(from / 8) - 1))) {
    if (bit < from) continue;
    if (block !== undefined) {
      const bytes = await decodeBzip2Block(source, block, bit);
      length += bytes.length;
      yield bytes;
    }
    if (bit >= to) decoded.length = Math.min(decoded.length, length);
    block = isBlock ? bit : undefined;
  }
  if (block !== undefined) throw new ContentError('truncated', 'bzip2');
  decoded.length = Math.min(decoded.length, length);
}
