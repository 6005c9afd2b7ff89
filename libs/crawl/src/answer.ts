// What an answer is worth: an entry of the fetch log, what is archived of it, and the links to follow. Pure: the
// answer and what was known before come in, nothing is written.

import { readDirectives, type Observed } from '@gristmill/consent';
import { sha256 } from '@gristmill/core';
import {
  charsetOf,
  decodeBody,
  headerOf,
  headerText,
  isFailure,
  mediaTypeOf,
  redirectTarget,
  type Failure,
  type FetchResult,
  type Response,
} from '@gristmill/http';
import {
  listingTypes,
  parseHtml,
  readListing,
  readPageWishes,
  type Listing,
  type PageWishes,
} from '@gristmill/markup';
import { canonicalUrl, decodeText } from '@gristmill/text';
import type { Exchange } from '@gristmill/warc';
import { asRevisit, exchangeOf, truncationOf, type Archived } from './archived.ts';
import { readLeads, type Lead } from './discover/page-leads.ts';
import { hashWords } from './discover/page-words.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import type { ListKind } from './url-table.ts';
import { isWanted } from './plan.ts';

export interface ReadAnswer {
  readonly entry: FetchLogEntry;
  /** What is archived. */
  readonly exchange?: Exchange;
  /** Links to follow. */
  readonly links: readonly Lead[];
  /** What it lists, where it is a feed, a catalogue or a repository's list. */
  readonly listing?: Listing;
  /** What a page says, as one number, where that was asked for. */
  readonly words?: number;
  /** Payload with its encoding undone, where there is one. */
  readonly body?: Uint8Array;
  /** What the answer and its page say about themselves; undefined when the answer says nothing about the document. */
  readonly said?: Pick<Observed, 'status' | 'headers' | 'mediaType' | 'meta'> & {
    readonly links: PageWishes['links'];
  };
}

export interface AnswerContext {
  readonly url: string;
  readonly depth: number;
  readonly agent: string;
  readonly maxBytes: number;
  readonly robots?: FetchLogEntry['robots'];
  readonly kind?: FetchLogEntry['kind'];
  /** Address of the page that leads here. */
  readonly via?: string;
  /** The revision that is there. */
  readonly known?: Archived;
  /** CSS selector of links to the next page of a list. */
  readonly next?: string;
  /** Media types of documents. */
  readonly mediaTypes: readonly string[];
  /** Compute `words`. */
  readonly isWatched?: boolean;
}

const pageTypes = new Set(['text/html', 'application/xhtml+xml', '']);

/** Whether links are looked for in it, if it is a document or a list at all. */
export function mayLead(
  { headers }: Pick<Response, 'headers'>,
  { kind }: Pick<AnswerContext, 'kind'>,
): boolean {
  const mediaType = mediaTypeOf(headerOf(headers, 'content-type'));
  return kind === 'feed' || (kind === undefined && (pageTypes.has(mediaType) || listingTypes.has(mediaType)));
}

export function readAnswer(
  result: Pick<FetchResult, 'answer' | 'sentAtMs'>,
  context: AnswerContext,
): ReadAnswer {
  const { answer } = result;
  const base = baseEntry(result, context);
  if (isFailure(answer)) return readFailure(answer, base, context);
  const { status } = answer;
  if (status >= 200 && status < 300) return readDocument(answer, base, context);
  const exchange = asRevisit(exchangeOf(base, answer, context), context.known);
  const target = redirectTarget(answer);
  if (target !== undefined) {
    const location = canonicalUrl(target) ?? target;
    return { entry: { ...base, outcome: 'redirect', location }, exchange, links: [] };
  }
  if (status === 304)
    return { entry: { ...base, outcome: 'unchanged' }, exchange, links: [], said: saidBy(answer) };
  const gone = status === 404 || status === 410;
  const entry = { ...base, outcome: gone ? 'gone' : 'failed' } as const;
  // A price is a word about the document, other failures are none.
  return { entry, exchange, links: [], ...(status === 402 && { said: saidBy(answer) }) };
}

/** What came of an answer that ended early is archived, and said to be no more. */
function readFailure(answer: Failure, base: FetchLogEntry, context: AnswerContext): ReadAnswer {
  const { failure, detail, partial } = answer;
  const refused = failure === 'media-type' || failure === 'body-too-large';
  const reason = failure === 'tls' && detail !== undefined ? `tls ${detail}` : failure;
  return {
    entry: { ...base, outcome: refused ? 'refused' : 'failed', reason },
    ...(partial && {
      exchange: { ...exchangeOf(base, partial, context), truncated: truncationOf(answer) },
    }),
    links: [],
  };
}

function readDocument(answer: Response, base: FetchLogEntry, context: AnswerContext): ReadAnswer {
  const decoded = decodeBody(answer.body, headerOf(answer.headers, 'content-encoding'), context.maxBytes);
  if ('error' in decoded) {
    return { entry: { ...base, outcome: 'refused', reason: decoded.error }, links: [] };
  }
  const body = decoded.bytes;
  const digest = sha256(body);
  const list = findList(body, base, context);
  const isDocument = context.kind === undefined && isWanted(context.mediaTypes, base.mediaType ?? '');
  if (context.kind === undefined && !isDocument && !list.kind)
    return { entry: { ...base, outcome: 'refused', reason: 'media-type' }, links: [] };
  const isPage = isDocument && pageTypes.has(base.mediaType ?? '');
  const tree = isPage
    ? parseHtml(decodeText(body, { charset: base.charset, markup: 'html' }).text)
    : undefined;
  const wishes = tree && readPageWishes(tree);
  const unchanged = digest === context.known?.digest;
  const entry: FetchLogEntry = {
    ...base,
    ...(!isDocument && list.kind && { kind: list.kind }),
    outcome: unchanged ? 'unchanged' : 'fetched',
    digest,
    bytes: body.length,
  };
  const said = saidBy(answer, wishes);
  const { url, next } = context;
  const fields = answer.headers.flatMap(([name, value]) =>
    name.toLowerCase() === 'link' ? [headerText(value)] : [],
  );
  const links = tree && mayFollow(said, context.agent) ? readLeads(tree, { url, fields, next }) : [];
  const exchange = exchangeOf(base, answer, context);
  return {
    entry,
    exchange: unchanged ? asRevisit(exchange, context.known) : exchange,
    links,
    ...(list.listing && { listing: list.listing }),
    ...(tree && context.isWatched && { words: hashWords(tree) }),
    ...(entry.kind !== undefined && { body }),
    said,
  };
}

const sitemapSign = /<(?:[\w-]+:)?(?:urlset|sitemapindex)[\s>]/;
/** Of a list; what lies beyond is not read. */
const mostListBytes = 8 * 1024 * 1024;

/** What a body lists, where it is no page: told by its content, whatever led to it. */
function findList(
  body: Uint8Array,
  { mediaType = '', charset }: FetchLogEntry,
  { kind, url }: AnswerContext,
): { kind?: ListKind; listing?: Listing } {
  if (kind === 'sitemap') return { kind };
  const mayBe = kind === 'feed' || (kind === undefined && listingTypes.has(mediaType));
  if (!mayBe) return {};
  const text = decodeText(body.subarray(0, mostListBytes), { charset, markup: 'xml' }).text;
  if (sitemapSign.test(text.slice(0, 4096))) return { kind: 'sitemap' };
  const listing = readListing(text, url);
  return listing ? { kind: 'feed', listing } : { kind: kind && 'feed' };
}

function saidBy({ status, headers }: Response, page?: PageWishes): NonNullable<ReadAnswer['said']> {
  const mediaType = mediaTypeOf(headerOf(headers, 'content-type'));
  return {
    status,
    headers: headers.map(([name, value]) => [name, headerText(value)] as const),
    mediaType,
    meta: page?.meta ?? [],
    links: page?.links ?? [],
  };
}

/** `nofollow` and `none`, to us or to everybody, in the page or in X-Robots-Tag. */
function mayFollow({ headers = [], meta = [] }: NonNullable<ReadAnswer['said']>, agent: string): boolean {
  const lists = [
    ...meta.filter(({ name }) => ['robots', agent.toLowerCase()].includes(name.toLowerCase())),
    ...headers.filter(([name]) => name.toLowerCase() === 'x-robots-tag').map(([, content]) => ({ content })),
  ];
  return !lists.some(({ content }) =>
    readDirectives(content, agent).some(({ name }) => name === 'nofollow' || name === 'none'),
  );
}

function baseEntry(
  { answer, sentAtMs }: Pick<FetchResult, 'answer' | 'sentAtMs'>,
  context: AnswerContext,
): FetchLogEntry {
  const header = (name: string): string | undefined =>
    isFailure(answer) ? undefined : headerOf(answer.headers, name);
  const optional = {
    status: answer.status,
    mediaType: mediaTypeOf(header('content-type')) || undefined,
    charset: charsetOf(header('content-type')),
    etag: header('etag'),
    lastModified: header('last-modified'),
    robots: context.robots,
    kind: context.kind,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  const date = new Date(sentAtMs).toISOString();
  return { url: context.url, date, outcome: 'failed', depth: context.depth, ...given };
}
