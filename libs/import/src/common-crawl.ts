// Archives in Common Crawl's layout, read where they lie. The source's own files are lists: of archives (`warc.paths`, as
// Common Crawl publishes them), of places in archives (CDXJ), or of domains, which are looked up in an index. The
// archives never change, so the same list gives the same items.

import { DataError, type JsonObject, type OptionSchema, type RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import {
  linesOfHost,
  linesOfHostInCluster,
  parseCdxLine,
  readWarc,
  sourceOf,
  type CdxLine,
} from '@gristmill/warc';
import { ContentError, fileContent, readAll } from './content.ts';
import {
  checkOptions,
  createNamer,
  createVerdict,
  defaultsOptions,
  failed,
  type Place,
} from './import-item.ts';
import { openRemoteFiles, type RemoteFiles } from './remote-files.ts';
import { unpack } from './unpack.ts';
import { warcItem, warcItemsOf } from './warc-items.ts';

export const commonCrawlOptions = {
  base: {
    type: 'string',
    required: true,
    description:
      'Where the archives lie: https://data.commoncrawl.org/, s3://commoncrawl, or a folder. Paths of the lists are below it.',
  },
  index: {
    type: 'string',
    description:
      'For lists of domains, below `base`: the folder with cluster.idx (cc-index/collections/CC-MAIN-…/indexes), or one sorted .cdxj file.',
  },
  mediaTypes: {
    type: 'list',
    description: 'Media types of the index that are fetched; all where it is empty.',
  },
  ...defaultsOptions,
} as const satisfies OptionSchema;

/** Throws DataError where an archive cannot be reached; a damaged record is an item with a verdict. */
export const commonCrawlImporter: Importer = {
  name: 'common-crawl',
  version: 1,
  description:
    'Pages of archives that lie on HTTP, S3 or a disk, by lists: of archives (warc.paths), of index lines (CDXJ), or of domains.',
  options: commonCrawlOptions,
  check: (options) => checkOptions('common-crawl', options, commonCrawlOptions),
  async *items(file) {
    try {
      const { content } = await unpack(fileContent(file.location), file.path);
      const lines = (await readAll(content, mostListBytes)).toString().split(/\r?\n/);
      await using files = await openRemoteFiles(String(file.options.base));
      yield* itemsOf(
        file,
        lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')),
        files,
      );
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      yield failed(file, error);
    }
  },
};

const mostListBytes = 256 * 2 ** 20;
const mostRecordBytes = 256 * 2 ** 20;
const archiveName = /\.w?arc(\.w[ae]t)?(\.gz)?$/i;

async function* itemsOf(place: Place, lines: readonly string[], files: RemoteFiles): AsyncGenerator<RawItem> {
  const nameOf = createNamer();
  for (const line of lines) {
    if (archiveName.test(line) && !line.includes(' ')) {
      await using source = await files.open(line);
      yield* warcItemsOf(place, source, nameOf);
      continue;
    }
    const found = parseCdxLine(line);
    if (found) yield* itemsAt(place, found, { files, nameOf });
    else if (!isDomain(line))
      yield createVerdict(place, 'no-list', { item: nameOf(line), mediaType: 'text/plain' });
    else
      for await (const entry of lookUp(line, place.options, files)) {
        const at = parseCdxLine(entry);
        if (at && isChosen(at, place.options)) yield* itemsAt(place, at, { files, nameOf });
      }
  }
}

const isDomain = (line: string): boolean =>
  /^[^\s/:]+\.[^\s/:]+$/.test(line) && URL.canParse(`http://${line}/`);

function lookUp(domain: string, { index }: JsonObject, files: RemoteFiles): AsyncGenerator<string> {
  if (typeof index !== 'string')
    throw new DataError(
      'no-archive-index',
      `${domain} is looked up in an index, and none is named`,
      "set the option: index: 'cc-index/collections/CC-MAIN-…/indexes'",
    );
  return /\.cdxj?$/.test(index)
    ? inFile(index, domain, files)
    : inCluster(index.replace(/\/$/, ''), domain, files);
}

async function* inFile(index: string, domain: string, files: RemoteFiles): AsyncGenerator<string> {
  await using source = await files.open(index);
  yield* linesOfHost(source, domain);
}

async function* inCluster(index: string, domain: string, files: RemoteFiles): AsyncGenerator<string> {
  await using cluster = await files.open(`${index}/cluster.idx`);
  yield* linesOfHostInCluster(cluster, domain, (name) => files.open(`${index}/${name}`));
}

/** What is no page need not be fetched to be left out. */
function isChosen({ status, mediaType }: CdxLine, { mediaTypes }: JsonObject): boolean {
  if (status !== undefined && /^\d+$/.test(status) && status !== '200') return false;
  if (mediaType === 'warc/revisit') return false;
  return !Array.isArray(mediaTypes) || mediaTypes.length === 0 || mediaTypes.includes(mediaType ?? '');
}

async function* itemsAt(
  place: Place,
  { file, offset, length, url }: CdxLine,
  { files, nameOf }: { files: RemoteFiles; nameOf: (wanted: string) => string },
): AsyncGenerator<RawItem> {
  if (length > mostRecordBytes) {
    yield createVerdict(place, 'too-large', { item: nameOf(url) });
    return;
  }
  const bytes = await files.read(file, offset, length);
  for await (const entry of readWarc(sourceOf(bytes), { maxRecordBytes: mostRecordBytes })) {
    const item = warcItem(place, { ...entry, offset }, nameOf);
    if (item) yield item;
    return;
  }
}
