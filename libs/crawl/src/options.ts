// What a crawl is told: what to fetch (part of a recipe's identity) and how to get there (part of nothing).

import { DataError, type JsonObject } from '@gristmill/core';
import { isLoopback, parseHostMap, userAgent, type Clock, type HostMap } from '@gristmill/http';
import { canonicalUrl } from '@gristmill/text';
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
}

/** How to get there. */
export interface CrawlRoute {
  readonly agent: string;
  readonly contact?: string;
  readonly hostMap: HostMap;
  readonly allowPrivate: boolean;
  readonly delayMs: number;
  readonly connectionsPerHost: number;
  /** A site that asks for more than this between two requests is left alone. */
  readonly longestCrawlDelayMs: number;
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

type Reader = (value: unknown) => boolean;
const isCount: Reader = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isStrings: Reader = (value) => Array.isArray(value) && value.every((item) => typeof item === 'string');
const isString: Reader = (value) => typeof value === 'string';
const isBoolean: Reader = (value) => typeof value === 'boolean';

const planOptions: Readonly<Record<string, Reader>> = {
  seeds: isStrings,
  scope: (value) => value === 'host' || value === 'domain' || value === 'path',
  maxPages: isCount,
  maxDepth: isCount,
  sitemaps: isBoolean,
  mediaTypes: isStrings,
  maxBytes: isCount,
};
const routeOptions: Readonly<Record<string, Reader>> = {
  agent: isString,
  contact: isString,
  hostMap: isStrings,
  allowPrivate: isBoolean,
  delayMs: isCount,
  connectionsPerHost: isCount,
  longestCrawlDelayMs: isCount,
  retries: isCount,
  retryBaseMs: isCount,
};

/** Throws DataError for a wrong name or value, or a seed that is no http(s) URL. */
export function readPlan(options: JsonObject): CrawlPlan {
  checkOptions(options, planOptions);
  const given = options as Partial<CrawlPlan>;
  if (!given.seeds?.length) throw new DataError('no-seeds', 'no URL to start from', 'give at least one seed');
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
  return {
    seeds,
    scope: given.scope ?? 'host',
    maxPages: given.maxPages ?? Infinity,
    maxDepth: given.maxDepth ?? Infinity,
    sitemaps: given.sitemaps ?? true,
    mediaTypes: given.mediaTypes ?? defaultMediaTypes,
    maxBytes: given.maxBytes ?? 32 * 1024 * 1024,
  };
}

/** Throws DataError for a wrong name or value, and where strangers are asked without saying by whom. */
export function readRoute(where: JsonObject, seeds: readonly string[]): CrawlRoute {
  checkOptions(where, routeOptions);
  const { hostMap: entries, ...given } = where as Partial<CrawlRoute> & { hostMap?: readonly string[] };
  const hostMap = parseHostMap((entries as readonly string[] | undefined) ?? []);
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
  return {
    agent,
    ...(given.contact !== undefined && { contact: given.contact }),
    hostMap,
    allowPrivate: given.allowPrivate ?? false,
    // A pause is owed to other people's servers; one's own needs none.
    delayMs: given.delayMs ?? (allOwn ? 0 : 1_000),
    connectionsPerHost: given.connectionsPerHost ?? (allOwn ? 4 : 1),
    longestCrawlDelayMs: given.longestCrawlDelayMs ?? 300_000,
    retries: given.retries ?? 4,
    retryBaseMs: given.retryBaseMs ?? (allOwn ? 100 : 1_000),
  };
}

function checkOptions(options: JsonObject, readers: Readonly<Record<string, Reader>>): void {
  for (const [name, value] of Object.entries(options)) {
    const isRight = readers[name];
    if (!isRight) {
      const names = Object.keys(readers).join(', ');
      throw new DataError('unknown-option', `a crawl has no option ${name}`, `it takes ${names}`);
    }
    if (value !== undefined && !isRight(value)) {
      throw new DataError(
        'bad-option',
        `${JSON.stringify(value)} is no value for ${name}`,
        `see the crawl's options`,
      );
    }
  }
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
