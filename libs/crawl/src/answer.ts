// What an answer is worth: an entry of the fetch log, the records for the WARC, and the links to follow. Pure: the
// answer and what was known before come in, nothing is written.

import { readDirectives, type Observed } from '@gristmill/consent';
import { sha256 } from '@gristmill/core';
import {
  charsetOf,
  decodeBody,
  headerOf,
  isFailure,
  mediaTypeOf,
  redirectTarget,
  type FetchResult,
  type Response,
} from '@gristmill/http';
import {
  parseHtml,
  readLinkHeaders,
  readLinks,
  readPageWishes,
  urlsToFollow,
  type FlatTree,
  type PageWishes,
} from '@gristmill/markup';
import { canonicalUrl, decodeText } from '@gristmill/text';
import { exchangeRecords, formatResponse, type NewRecord } from '@gristmill/warc';
import type { FetchLogEntry } from './fetch-log.ts';

export interface ReadAnswer {
  readonly entry: FetchLogEntry;
  readonly records: readonly NewRecord[];
  /** Canonical URLs to follow. */
  readonly links: readonly string[];
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
  /** Digest of the revision that is there. */
  readonly knownDigest?: string;
}

const pageTypes = new Set(['text/html', 'application/xhtml+xml', '']);

export function readAnswer(result: FetchResult, context: AnswerContext): ReadAnswer {
  const { answer } = result;
  const base = baseEntry(result, context);
  if (isFailure(answer)) {
    const refused = answer.failure === 'media-type' || answer.failure === 'body-too-large';
    const entry = { ...base, outcome: refused ? 'refused' : 'failed', reason: answer.failure } as const;
    return { entry, records: [], links: [] };
  }
  const target = redirectTarget(answer);
  if (target !== undefined) {
    const location = canonicalUrl(target) ?? target;
    return {
      entry: { ...base, outcome: 'redirect', location },
      records: recordsOf(base, answer, context),
      links: [],
    };
  }
  if (answer.status === 304)
    return { entry: { ...base, outcome: 'unchanged' }, records: [], links: [], said: saidBy(answer) };
  if (answer.status < 200 || answer.status >= 300) {
    const gone = answer.status === 404 || answer.status === 410;
    const entry = { ...base, outcome: gone ? 'gone' : 'failed' } as const;
    // A price is a word about the document, other failures are none.
    return { entry, records: [], links: [], ...(answer.status === 402 && { said: saidBy(answer) }) };
  }
  return readDocument(answer, base, context);
}

function readDocument(answer: Response, base: FetchLogEntry, context: AnswerContext): ReadAnswer {
  const decoded = decodeBody(answer.body, headerOf(answer.headers, 'content-encoding'), context.maxBytes);
  if ('error' in decoded) {
    return { entry: { ...base, outcome: 'refused', reason: decoded.error }, records: [], links: [] };
  }
  const body = decoded.bytes;
  const digest = sha256(body);
  const isPage = context.kind === undefined && pageTypes.has(base.mediaType ?? '');
  const text = isPage ? decodeText(body, { charset: base.charset, markup: 'html' }).text : '';
  const tree = isPage ? parseHtml(text) : undefined;
  const wishes = tree && readPageWishes(tree);
  const unchanged = digest === context.knownDigest;
  const entry: FetchLogEntry = {
    ...base,
    outcome: unchanged ? 'unchanged' : 'fetched',
    digest,
    bytes: body.length,
  };
  const said = saidBy(answer, wishes);
  const links = tree && mayFollow(said, context.agent) ? linksOf(tree, answer, context.url) : [];
  return {
    entry,
    records: unchanged ? [] : recordsOf(base, answer, context),
    links: [...new Set(links.flatMap((link) => canonicalUrl(link) ?? []))],
    body,
    said,
  };
}

function linksOf(tree: FlatTree, { headers }: Response, url: string): string[] {
  const fields = headers.flatMap(([name, value]) => (name.toLowerCase() === 'link' ? [value] : []));
  const { base, links } = readLinks(tree, url);
  return urlsToFollow({ base, links: [...readLinkHeaders(fields, url), ...links] });
}

function saidBy({ status, headers }: Response, page?: PageWishes): NonNullable<ReadAnswer['said']> {
  const mediaType = mediaTypeOf(headerOf(headers, 'content-type'));
  return { status, headers, mediaType, meta: page?.meta ?? [], links: page?.links ?? [] };
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

function baseEntry({ answer, sentAtMs }: FetchResult, context: AnswerContext): FetchLogEntry {
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

/** What the archive keeps: the answer, the request as it was sent, and how the crawl came to it. */
function recordsOf({ date }: FetchLogEntry, answer: Response, context: AnswerContext): NewRecord[] {
  const { url, depth, via } = context;
  const { sent, elapsedMs } = answer;
  return exchangeRecords({
    ...{ url, date, response: answer },
    ...(sent && { request: Buffer.from(sent.head, 'latin1'), ipAddress: sent.address }),
    metadata: { via, hopsFromSeed: depth, fetchTimeMs: elapsedMs },
  });
}

/** The archive's record of an answer. */
export function responseRecord(
  { url, date }: Pick<FetchLogEntry, 'url' | 'date'>,
  { status, statusText, headers, body }: Response,
): NewRecord {
  // The body is stored without its transfer encoding, so the header that claims one would lie.
  const kept = headers.filter(([name]) => name.toLowerCase() !== 'transfer-encoding');
  return {
    type: 'response',
    url,
    date,
    block: formatResponse(status, statusText, kept, body),
    payload: body,
  };
}
