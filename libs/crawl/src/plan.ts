// What a crawl is told to fetch: part of a recipe's identity.

import { checkOptions, DataError, resolveOptions, type JsonObject, type OptionSchema } from '@gristmill/core';
import { checkSelector } from '@gristmill/markup';
import { canonicalUrl, isHostName } from '@gristmill/text';
import type { ScopeKind } from './scope.ts';

export interface CrawlPlan {
  /** Canonical URLs. */
  readonly seeds: readonly string[];
  readonly scope: ScopeKind;
  /** Patterns of addresses: those of the scope `pattern`, and those that belong to none. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxPages: number;
  readonly maxDepth: number;
  /** Also start from the sitemaps that robots.txt names. */
  readonly sitemaps: boolean;
  /** Also read the feeds and catalogues that pages name. */
  readonly feeds: boolean;
  /** Leave addresses that a site makes up without end. */
  readonly traps: boolean;
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

/** `sources[].crawl.options` of a recipe. */
export const planOptions = {
  seeds: {
    type: 'list',
    required: true,
    description: 'Addresses to start from, http or https: pages, sitemaps, feeds, catalogues.',
  },
  scope: {
    type: 'string',
    values: ['host', 'domain', 'path', 'pattern'],
    default: 'host',
    description:
      "What links are followed to: the seed's host, its registrable domain, addresses below its path, or those that `include` names. A seed that leads to another host of its domain takes that along.",
  },
  include: {
    type: 'list',
    default: [],
    description:
      'Patterns of whole addresses for the scope `pattern`, as in robots.txt: from the first character, `*` is any run, a final `$` the end.',
  },
  exclude: {
    type: 'list',
    default: [],
    description: 'Patterns of addresses that are left out, whatever the scope.',
  },
  maxPages: { type: 'integer', least: 0, otherwise: 'no limit', description: 'Pages to fetch.' },
  maxDepth: { type: 'integer', least: 0, otherwise: 'no limit', description: 'Links from a seed.' },
  sitemaps: {
    type: 'boolean',
    default: true,
    description: 'Also start from the sitemaps that robots.txt names.',
  },
  feeds: {
    type: 'boolean',
    default: true,
    description: 'Also read the feeds (RSS, Atom, JSON Feed) and catalogues (OPDS) that pages name.',
  },
  traps: {
    type: 'boolean',
    default: true,
    description:
      'Leave addresses that a site makes up without end, by rules that `gristmill crawl-status` names.',
  },
  mediaTypes: {
    type: 'list',
    default: ['text/html', 'application/xhtml+xml'],
    description:
      'Media types of documents; `text/*` stands for a whole kind. Lists (sitemaps, feeds, catalogues) are read for their links whatever stands here.',
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

/** Throws DataError for a wrong name or value, or a seed that is no http(s) URL. */
export function readPlan(options: JsonObject): CrawlPlan {
  const {
    maxPages = Infinity,
    maxDepth = Infinity,
    ...given
  } = resolveOptions(planOptions, { seeds: [], ...options }, { name: 'a crawl' });
  if (given.seeds.length === 0)
    throw new DataError('no-seeds', 'no URL to start from', 'give at least one seed');
  if ((given.scope === 'pattern') !== given.include.length > 0)
    throw new DataError(
      'bad-option',
      'a crawl has the scope pattern and patterns to include, or neither',
      'give both: scope: "pattern", include: ["https://example.org/docs/*"]',
    );
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

/** Whether a document of this media type is taken; an answer without one is. */
export function isWanted(mediaTypes: readonly string[], mediaType: string): boolean {
  return (
    mediaType === '' ||
    mediaTypes.some((wanted) =>
      wanted.endsWith('/*') ? mediaType.startsWith(wanted.slice(0, -1)) : wanted === mediaType,
    )
  );
}
