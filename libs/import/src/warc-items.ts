// Archives that others crawled: an item for each page that answered 200, and for text that was extracted already (WET).

import { documentId, type RawItem } from '@gristmill/core';
import type { ImportFile, Importer } from '@gristmill/corpus';
import { charsetOf, decodeBody, mediaTypeOf } from '@gristmill/http';
import { canonicalUrl } from '@gristmill/text';
import { fieldOf, openFile, parseHttp, payloadOf, readWarc, type WarcEntry } from '@gristmill/warc';
import { checkOptions, createNamer, createVerdict, defaultsOf, defaultsOptions } from './import-item.ts';

const mostBytes = 128 * 1024 * 1024;

/**
 * Items are named by URL and their offset's ordinal among equal URLs. Records that are no page (requests, revisits,
 * redirects, errors) give none; damaged ones give a verdict. Options: the facts of `files`.
 */
export const warcImporter: Importer = {
  name: 'warc',
  version: 1,
  description:
    'WARC and ARC archives, gzip or plain: a document for each page; requests, redirects and errors give none.',
  options: defaultsOptions,
  check: (options) => checkOptions('warc', options, defaultsOptions),
  async *items(file) {
    const nameOf = createNamer();
    try {
      await using source = await openFile(file.location);
      if (source.size === 0) return yield createVerdict(file, 'empty');
      for await (const entry of readWarc(source, { maxRecordBytes: mostBytes })) {
        const item = readEntry(file, entry, nameOf);
        if (item) yield item;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      yield createVerdict(file, 'unreadable');
    }
  },
};

function readEntry(
  file: ImportFile,
  { record, offset }: WarcEntry,
  nameOf: (wanted: string) => string,
): RawItem | undefined {
  const { error, type, url } = record;
  if (error && error !== 'shares-gzip-member') {
    return createVerdict(file, error, { item: nameOf(url ?? `offset-${offset}`) });
  }
  if (type === 'conversion' && url)
    return toItem(file, nameOf(url), url, record.block, 'text/plain; charset=utf-8');
  if (type !== 'response' || !url || !/^https?:/i.test(url)) return undefined;
  const message = parseHttp(record);
  if (!message || message.status !== 200) return undefined;
  const body = decodeBody(payloadOf(message), fieldOf(message.headers, 'content-encoding'), mostBytes);
  const item = nameOf(url);
  if ('error' in body) return createVerdict(file, body.error, { item });
  return toItem(file, item, url, body.bytes, fieldOf(message.headers, 'content-type') ?? '');
}

function toItem(
  file: ImportFile,
  item: string,
  address: string,
  bytes: Uint8Array,
  contentType: string,
): RawItem {
  const url = canonicalUrl(address) ?? address;
  const source = { ...file.source, url, path: file.path, item };
  const charset = charsetOf(contentType);
  return {
    id: documentId(source),
    bytes,
    mediaType: mediaTypeOf(contentType),
    ...(charset !== undefined && { charset }),
    source,
    metadata: defaultsOf(file.options),
  };
}
