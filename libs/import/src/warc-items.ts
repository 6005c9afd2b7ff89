// Archives that others crawled: an item for each page that answered 200, and for text that was extracted already (WET).

import { documentId, type RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { charsetOf, decodeStored, mediaTypeOf } from '@gristmill/http';
import { canonicalUrl } from '@gristmill/text';
import { fieldOf, parseHttp, payloadOf, readWarc, type ByteSource, type WarcEntry } from '@gristmill/warc';
import { fileContent, type Content } from './content.ts';
import {
  checkOptions,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  failed,
  type Place,
} from './import-item.ts';
import { readSaidOfUse, type Told } from './said-of-use.ts';
import { unpack } from './unpack.ts';

/** What a crawl keeps beside its archives. */
const crawlFiles = /(^|\/)(crawl\.json|crawl\.sqlite(?:-\w+)?|fetch-log\.jsonl|frontier\.jsonl|complete)$/;
const mostBytes = 128 * 1024 * 1024;

/**
 * Items are named by URL and their offset's ordinal among equal URLs. Records that are no page (requests, revisits,
 * redirects, errors, a program's own notes) give none; damaged ones give a verdict. Options: the facts of `files`.
 */
export const warcImporter: Importer = {
  name: 'warc',
  version: 4,
  description:
    'WARC and ARC archives, gzip or plain: a document for each page; requests, redirects and errors give none.',
  options: defaultsOptions,
  check: (options) => checkOptions('warc', options, defaultsOptions),
  async *items(file) {
    if (crawlFiles.test(file.path)) return;
    try {
      yield* warcItems(file, (await unpack(fileContent(file.location))).content);
    } catch (error) {
      yield failed(file, error);
    }
  },
};

/** Throws ContentError. */
export async function* warcItems(place: Place, content: Content): AsyncGenerator<RawItem> {
  await using source = await content.open();
  yield* warcItemsOf(place, source, createNamer());
}

export async function* warcItemsOf(
  place: Place,
  source: ByteSource,
  nameOf: (wanted: string) => string,
): AsyncGenerator<RawItem> {
  for await (const entry of readWarc(source, { maxRecordBytes: mostBytes })) {
    const item = warcItem(place, entry, nameOf);
    if (item) yield item;
  }
}

/** Undefined for a record that is no page. */
export function warcItem(
  place: Place,
  { record, offset }: WarcEntry,
  nameOf: (wanted: string) => string,
): RawItem | undefined {
  const { error, type, url, block } = record;
  if (error && error !== 'shares-gzip-member') {
    return createVerdict(place, error, { item: nameOf(url ?? `offset-${offset}`) });
  }
  if (!url) return undefined;
  if (type === 'conversion')
    return toItem(place, nameOf(url), url, { bytes: block, contentType: 'text/plain; charset=utf-8' });
  const contentType = fieldOf(record.fields, 'content-type') ?? '';
  // Programs that make archives of folders write these, without an HTTP head; others keep notes of their own so.
  if (type === 'resource' && isPlace(url) && !isHttp(contentType))
    return bodyItem(place, nameOf(url), url, { bytes: block, contentType, encoding: undefined });
  const isPage = (type === 'response' || type === 'resource') && /^https?:/i.test(url);
  const message = isPage ? parseHttp(record) : undefined;
  if (message?.status !== 200) return undefined;
  return bodyItem(place, nameOf(url), url, {
    bytes: payloadOf(message),
    contentType: fieldOf(message.headers, 'content-type') ?? '',
    encoding: fieldOf(message.headers, 'content-encoding'),
    told: {
      ...{ status: message.status, headers: message.headers },
      ...(record.date !== undefined && { fetchedAt: record.date }),
    },
  });
}

/** Where something lay: a program's own notes are named `urn:…`, `metadata://…`. */
const isPlace = (url: string): boolean => /^(?!metadata:)(?:[a-z][a-z0-9+.-]*:\/\/|file:)/i.test(url);

const isHttp = (contentType: string): boolean => /^application\/http\b/i.test(contentType);

interface Body {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Content-Encoding as the server declared it: archives are often stored decoded, with the old header. */
  readonly encoding: string | undefined;
  /** Headers of the answer, and when it was given. */
  readonly told?: Told;
}

function bodyItem(
  place: Place,
  item: string,
  url: string,
  { bytes, contentType, encoding, told }: Body,
): RawItem {
  const body = decodeStored(bytes, encoding, mostBytes);
  if ('error' in body) return createVerdict(place, body.error, { item });
  return toItem(place, item, url, { bytes: body.bytes, contentType, told });
}

function toItem(
  place: Place,
  item: string,
  address: string,
  { bytes, contentType, told }: Pick<Body, 'bytes' | 'contentType' | 'told'>,
): RawItem {
  const url = canonicalUrl(address) ?? address;
  const full = place.within === undefined ? item : `${place.within}#${item}`;
  const source = { ...place.source, url, path: place.path, item: full };
  const charset = charsetOf(contentType);
  const mediaType = mediaTypeOf(contentType);
  const consent = readSaidOfUse({ bytes, mediaType, charset, url }, told);
  return {
    id: documentId(source),
    ...{ bytes, mediaType },
    ...(charset !== undefined && { charset }),
    source,
    ...(consent && { consent }),
    metadata: defaultsOf(place.options),
  };
}
