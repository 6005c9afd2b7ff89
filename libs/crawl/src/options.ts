// What a crawl is told: what to fetch (part of a recipe's identity) and how to get there (part of nothing).

import { checkOptions, DataError, resolveOptions, type JsonObject, type OptionSchema } from '@gristmill/core';
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
import { checkSelector } from '@gristmill/markup';
import { canonicalUrl, isHostName } from '@gristmill/text';
import type { ScopeKind } from './scope.ts';

/** What to fetch. */
export interface CrawlPlan {
  /** Canonical URLs. */
  readonly seeds: readonly string[];
  readonly scope: ScopeKind;
  readonly maxPages: number;
  readonly maxDepth: number;
  /** Also start from the sitemaps that robots.txt names. */
  readonly sitemaps: boolean;
  /** Media types of documents; `text/*` stands for a whole kind. */
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
  /** By host: where the next page of a list is. */
  readonly sites: Readonly<Record<string, SiteLinks>>;
}

export interface SiteLinks {
  /** CSS selector of links that are followed as no step of depth. */
  readonly next?: string;
}

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
  readonly clock?: Clock;
}

const defaultMediaTypes = [
  'text/*',
  'application/xhtml+xml',
  'application/xml',
  'application/pdf',
  'application/epub+zip',
  'application/rss+xml',
  'application/atom+xml',
];

/** What to fetch: `sources[].crawl.options` of a recipe. */
export const planOptions = {
  seeds: { type: 'list', required: true, description: 'Addresses to start from, http or https.' },
  scope: {
    type: 'string',
    values: ['host', 'domain', 'path'],
    default: 'host',
    description:
      "What links are followed to: the seed's host, its registrable domain, or addresses below its path.",
  },
  maxPages: { type: 'integer', least: 0, otherwise: 'no limit', description: 'Pages to fetch.' },
  maxDepth: { type: 'integer', least: 0, otherwise: 'no limit', description: 'Links from a seed.' },
  sitemaps: {
    type: 'boolean',
    default: true,
    description: 'Also start from the sitemaps that robots.txt names.',
  },
  mediaTypes: {
    type: 'list',
    default: defaultMediaTypes,
    description: 'Media types of documents; `text/*` stands for a whole kind.',
  },
  maxBytes: {
    type: 'integer',
    least: 0,
    default: 32 * 1024 * 1024,
    description: 'Bytes of an answer; a greater one is dropped.',
  },
  sites: {
    type: 'object',
    default: {},
    description:
      "By host, subdomains included: `{'example.org': {next: 'a.next'}}`, a CSS selector of links to the next page of a list, which are followed as no step of depth. Put there by the recipe's `sites`.",
  },
} as const satisfies OptionSchema;

/** How to get there: `sources[].where` of a recipe. */
export const routeOptions = {
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

/** Throws DataError for a wrong name or value, or a seed that is no http(s) URL. */
export function readPlan(options: JsonObject): CrawlPlan {
  const {
    maxPages = Infinity,
    maxDepth = Infinity,
    ...given
  } = resolveOptions(planOptions, { seeds: [], ...options }, { name: 'a crawl' });
  if (given.seeds.length === 0)
    throw new DataError('no-seeds', 'no URL to start from', 'give at least one seed');
  const seeds = given.seeds.map((seed) => {
    const url = canonicalUrl(seed);
    if (url === undefined || !/^https?:/.test(url)) {
      throw new DataError(
        'bad-seed',
        `${seed} is no http or https URL`,
        'write it in full: https://host/path',
      );
    }
    return url;
  });
  return { ...given, seeds, maxPages, maxDepth, sites: readSiteLinks(given.sites) };
}

const siteMembers = {
  next: { type: 'string', required: true, description: 'Selector of links to the next page of a list.' },
} as const satisfies OptionSchema;

function readSiteLinks(sites: JsonObject): CrawlPlan['sites'] {
  for (const [host, links] of Object.entries(sites)) {
    const name = `sites of a crawl, ${host}`;
    if (!isHostName(host) || typeof links !== 'object' || links === null || Array.isArray(links))
      throw new DataError(
        'bad-option',
        `${name} is no host with selectors`,
        "write {'example.org': {next: 'a.next'}}",
      );
    checkOptions(siteMembers, links as JsonObject, { name });
    checkSelector((links as { next: string }).next, `next of ${name}`);
  }
  return sites as CrawlPlan['sites'];
}

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

/** Whether a document of this media type is taken; an answer without one is. */
export function isWanted(mediaTypes: readonly string[], mediaType: string): boolean {
  return (
    mediaType === '' ||
    mediaTypes.some((wanted) =>
      wanted.endsWith('/*') ? mediaType.startsWith(wanted.slice(0, -1)) : wanted === mediaType,
    )
  );
}
