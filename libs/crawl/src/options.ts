// How a crawl gets there: part of no identity.

import { checkOptions, DataError, type JsonObject, type OptionSchema } from '@gristmill/core';
import {
  createAddressRule,
  createRequestSigner,
  readBotKey,
  isLoopback,
  parseHostMap,
  userAgent,
  type Clock,
  type HostMap,
} from '@gristmill/http';
import type { RefreshKind } from './resume.ts';

/** How to get there. */
export interface CrawlRoute {
  readonly agent: string;
  readonly contact?: string;
  readonly hostMap: HostMap;
  readonly allowPrivate: boolean;
  /** `loopback` or ranges of addresses (CIDR) that may be reached beside public ones. */
  readonly allow: readonly string[];
  /** Signs each request (Web Bot Auth). */
  readonly sign?: (url: string) => Readonly<Record<string, string>>;
  readonly delayMs: number;
  readonly connectionsPerHost: number;
  /** Over all hosts. */
  readonly pagesAtOnce: number;
  /** A site that asks for more than this between two requests is left alone. */
  readonly longestCrawlDelayMs: number;
  /** Requests in a row, over all runs, that a host may leave without an answer, or forbid, before it is given up. */
  readonly silentToGiveUp: number;
  readonly forbiddenToGiveUp: number;
  readonly retries: number;
  readonly retryBaseMs: number;
  /** What a refresh asks for again. */
  readonly refresh: RefreshKind;
  readonly clock?: Clock;
}

/** How to get there: `sources[].where` of a recipe. */
export const routeOptions = {
  refresh: {
    type: 'string',
    values: ['all', 'due'],
    default: 'all',
    description:
      'What a refresh asks for again: every document, or those that are due by how often they were found changed (from an hour to 90 days).',
  },
  agent: {
    type: 'string',
    otherwise: "gristmill on one's own machine; else it must be given",
    description: 'Product token by which robots.txt is read.',
  },
  contact: {
    type: 'string',
    otherwise: "none on one's own machine; else it must be given",
    description: 'URL or e-mail address of who asks.',
  },
  hostMap: { type: 'list', default: [], description: 'Where a name lies: NAME=ADDRESS:PORT.' },
  allowPrivate: {
    type: 'boolean',
    default: false,
    description: 'Allow private and loopback addresses, but not those where clouds tell secrets.',
  },
  allow: {
    type: 'list',
    default: [],
    description:
      'Addresses that may be reached beside public ones: `loopback`, or ranges such as 10.1.0.0/16. A metadata address of a cloud needs a range of its own.',
  },
  sign: {
    type: 'string',
    otherwise: 'requests are not signed',
    description: 'Key file of `gristmill bot-key`, by which requests are signed (Web Bot Auth).',
  },
  delayMs: {
    type: 'integer',
    least: 0,
    otherwise: '1000; 0 on loopback',
    description:
      'Milliseconds from the start of a request to a host to the next, ± 10 %; only the host may lengthen them.',
  },
  connectionsPerHost: { type: 'integer', least: 0, otherwise: '1; 4 on loopback', description: 'At once.' },
  pagesAtOnce: {
    type: 'integer',
    least: 1,
    default: 64,
    description: 'Pages under way at a time, over all hosts, those that wait for a retry included.',
  },
  longestCrawlDelayMs: {
    type: 'integer',
    least: 0,
    default: 300_000,
    description: 'A site that asks for more than this between two requests is left alone.',
  },
  silentToGiveUp: {
    type: 'integer',
    least: 1,
    default: 20,
    description:
      'A host that leaves so many requests in a row, over all runs, without an answer is given up.',
  },
  forbiddenToGiveUp: {
    type: 'integer',
    least: 1,
    default: 20,
    description: 'A host that answers so many requests in a row, over all runs, with 403 is given up.',
  },
  retries: { type: 'integer', least: 0, default: 4, description: 'Of a request that failed.' },
  retryBaseMs: {
    type: 'integer',
    least: 0,
    otherwise: '1000; 100 on loopback',
    description: 'The first pause before a retry; each is twice the one before.',
  },
} as const satisfies OptionSchema;

/** Throws DataError for a wrong name or value, and where strangers are asked without saying by whom. */
export function readRoute(where: JsonObject, seeds: readonly string[]): CrawlRoute {
  checkOptions(routeOptions, where, { name: 'a crawl' });
  const {
    hostMap: entries,
    sign: keyFile,
    ...given
  } = where as Partial<Omit<CrawlRoute, 'hostMap' | 'sign'>> & {
    hostMap?: readonly string[];
    sign?: string;
  };
  const hostMap = parseHostMap(entries ?? []);
  const isOwn = (seed: string): boolean => {
    const { hostname } = new URL(seed);
    return isLoopback(hostMap.get(hostname)?.address ?? hostname);
  };
  const allOwn = seeds.every(isOwn);
  if (!allOwn && (!given.agent || !given.contact)) {
    throw new DataError(
      'who-is-asking',
      'a crawl of other machines needs an agent and a contact',
      'give a product token and a URL or e-mail address: --agent mybot --contact https://example.org/bot',
    );
  }
  const agent = given.agent ?? 'gristmill';
  userAgent(agent);
  createAddressRule(given);
  return {
    agent,
    ...(given.contact !== undefined && { contact: given.contact }),
    hostMap,
    refresh: given.refresh ?? 'all',
    allowPrivate: given.allowPrivate ?? false,
    allow: given.allow ?? [],
    ...(keyFile !== undefined && { sign: createRequestSigner(readBotKey(keyFile)) }),
    // A pause is owed to other people's servers; one's own needs none.
    delayMs: given.delayMs ?? (allOwn ? 0 : 1_000),
    connectionsPerHost: given.connectionsPerHost ?? (allOwn ? 4 : 1),
    pagesAtOnce: given.pagesAtOnce ?? 64,
    longestCrawlDelayMs: given.longestCrawlDelayMs ?? 300_000,
    silentToGiveUp: given.silentToGiveUp ?? 20,
    forbiddenToGiveUp: given.forbiddenToGiveUp ?? 20,
    retries: given.retries ?? 4,
    retryBaseMs: given.retryBaseMs ?? (allOwn ? 100 : 1_000),
  };
}
