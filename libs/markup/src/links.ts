// What a crawler needs of a page: where it leads, and what it says to robots. cheerio reads the page (its slim build,
// over htmlparser2). Content and metadata are not its affair.

import { load } from 'cheerio/slim';

/** Of a meta refresh; the pattern that reads it is square in blanks. */
const longestRefresh = 4096;

export interface PageLinks {
  /** Absolute http(s) URLs without fragment, in order of appearance, each once. */
  readonly links: readonly string[];
  /** Links that the page asks not to follow (rel=nofollow), likewise. */
  readonly unfollowed: readonly string[];
  /** Target of <link rel=canonical>. */
  readonly canonical?: string;
  /** Directives of <meta name=robots>, or of a meta named like the agent, in lower case: noindex, nofollow, … */
  readonly robots: readonly string[];
  /** <meta name=tdm-reservation content=1>: rights reserved against text and data mining. */
  readonly tdmReserved: boolean;
}

interface Found {
  base: string;
  links: Set<string>;
  unfollowed: Set<string>;
  canonical?: string;
  robots: Set<string>;
  tdmReserved: boolean;
}

/** Elements whose attribute leads to another document. */
const linkAttributes: Readonly<Record<string, string | undefined>> = {
  a: 'href',
  area: 'href',
  frame: 'src',
  iframe: 'src',
};
const linkRelations = ['next', 'prev', 'alternate', 'canonical'];
const mostLinks = 100_000;

/**
 * @param baseUrl URL of the page; a <base href> replaces it
 * @param agent product token whose own robots meta counts too
 */
export function extractLinks(html: string, baseUrl: string, agent = ''): PageLinks {
  const $ = load(html, { xml: { xmlMode: false, decodeEntities: true } });
  const found: Found = {
    base: resolve($('base[href]').first().attr('href') ?? '', baseUrl) ?? baseUrl,
    links: new Set(),
    unfollowed: new Set(),
    robots: new Set(),
    tdmReserved: false,
  };
  // One selection, so that links come in the order of the page whatever element they stand on.
  for (const { name, attribs } of $('meta, link, a[href], area[href], frame[src], iframe[src]').toArray()) {
    if (name === 'meta') readMeta(found, attribs, agent.toLowerCase());
    else if (name === 'link') readLink(found, attribs);
    else addLink(found, attribs[linkAttributes[name] ?? ''], attribs.rel);
  }
  for (const url of found.links) found.unfollowed.delete(url);
  return {
    links: [...found.links],
    unfollowed: [...found.unfollowed],
    ...(found.canonical !== undefined && { canonical: found.canonical }),
    robots: [...found.robots],
    tdmReserved: found.tdmReserved,
  };
}

type Attributes = Readonly<Record<string, string>>;

function readMeta(found: Found, attributes: Attributes, agent: string): void {
  const name = (attributes.name ?? '').trim().toLowerCase();
  const content = attributes.content ?? '';
  if (name === 'robots' || (name !== '' && name === agent)) {
    for (const word of parseDirectives(content)) found.robots.add(word);
  }
  if (name === 'tdm-reservation') found.tdmReserved = content.trim() === '1';
  if (attributes['http-equiv']?.toLowerCase() === 'refresh') {
    addLink(
      found,
      /^\s*(?:[\d.]+\s*)?[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(content.slice(0, longestRefresh))?.[1],
      undefined,
    );
  }
}

function readLink(found: Found, attributes: Attributes): void {
  const relations = (attributes.rel ?? '').toLowerCase().split(/\s+/);
  if (relations.includes('stylesheet') || !relations.some((word) => linkRelations.includes(word))) return;
  if (relations.includes('canonical')) found.canonical ??= resolve(attributes.href ?? '', found.base);
  addLink(found, attributes.href, undefined);
}

function addLink(found: Found, href: string | undefined, rel: string | undefined): void {
  if (href === undefined || found.links.size + found.unfollowed.size >= mostLinks) return;
  const url = resolve(href, found.base);
  if (url === undefined) return;
  const nofollow = rel?.toLowerCase().split(/\s+/).includes('nofollow');
  (nofollow ? found.unfollowed : found.links).add(url);
}

function resolve(href: string, base: string): string | undefined {
  const url = URL.parse(href.trim(), base);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return url.href;
}

/**
 * Words of a robots meta or of an X-Robots-Tag without its agent, in lower case; `none` becomes noindex and nofollow.
 * @example parseDirectives('NOINDEX, nofollow') // ['noindex', 'nofollow']
 */
export function parseDirectives(content: string): string[] {
  return content
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .flatMap((word) => (word === 'none' ? ['noindex', 'nofollow'] : [word]));
}
