// What a file says of its own use: the metadata of a book or a PDF, the elements of a page, the headers of an archived
// answer. It is read here, while the container is open; what it means is libs/consent's, and select decides.

import { licenceLinks, readStatements, saidOfUse, trainingAgents, type Observed } from '@gristmill/consent';
import type { Json, SaidOfUse } from '@gristmill/core';
import { parseHtml, readPageWishes, type PageWishes } from '@gristmill/markup';
import { decodeText } from '@gristmill/text';
import { readPdfWishes } from './pdf-wishes.ts';

/** What the container knows of an item's use. */
export type Told = Partial<Pick<Observed, 'fetchedAt' | 'status' | 'headers' | 'embedded'>>;

export interface ReadItem {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly charset?: string;
  readonly url?: string;
}

/** Rules that name an agent are read as our own crawler's. */
const reader = { agent: 'gristmill', agents: Object.values(trainingAgents).flat() };

/** Undefined where nothing was said. Never throws. */
export function readSaidOfUse(item: ReadItem, told: Told = {}): SaidOfUse | undefined {
  const page = readPage(item);
  const embedded = told.embedded ?? (isPdf(item.bytes) ? readPdfWishes(item.bytes) : undefined);
  const { headers = [] } = told;
  if (!page && !embedded && headers.length === 0) return undefined;
  const url = item.url ?? '';
  // Their licence is somewhere else: until somebody fetched it, it licenses nothing.
  const licences = licenceLinks({ url, agent: reader.agent, headers, links: page?.links });
  const observed: Observed = {
    ...told,
    ...{ url, mediaType: item.mediaType, meta: page?.meta },
    ...(embedded && { embedded }),
    rsl: licences.map((link) => ({ url: link })),
  };
  const statements = readStatements(observed, reader);
  if (statements.length === 0) return undefined;
  return { ...saidOfUse(statements), statements: statements as unknown as Json };
}

/** A name that may speak of use: most pages have none, and need not be parsed. */
const mayWish = /<(?:meta|link)\b[^<>]*(?:robots|tdm-|gristmill|rsl\+xml)/i;

function readPage({ bytes, mediaType, charset }: ReadItem): PageWishes | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = data.toString('latin1', 0, 256);
  const isWide = /^(?:\xff\xfe|\xfe\xff|<\0|\0<)/.test(head);
  const mayBePage = isWide || /html/.test(mediaType) || /^(?:\xef\xbb\xbf)?\s*</.test(head);
  if (!mayBePage || (!isWide && !mayWish.test(data.toString('latin1')))) return undefined;
  const { text } = decodeText(bytes, { charset, markup: 'html' });
  // Markdown about such elements has none.
  const isPage =
    /html/.test(mediaType) || /^\s*(?:<\?xml|<!--|<!doctype\s+html|<html|<head|<meta)/i.test(text);
  return isPage && mayWish.test(text) ? readPageWishes(parseHtml(text)) : undefined;
}

function isPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).includes('%PDF-');
}
