// Where a page leads. cheerio reads it (its slim build, over htmlparser2). Content, metadata and wishes are not its affair.

import { load } from 'cheerio/slim';

/** Of a meta refresh; the pattern that reads it is square in blanks. */
const longestRefresh = 4096;

interface Found {
  base: string;
  links: Set<string>;
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
 * Absolute http(s) URLs without fragment, in order of appearance, each once; without links that the page asks not to
 * follow (rel=nofollow).
 * @param baseUrl URL of the page; a <base href> replaces it
 */
export function extractLinks(html: string, baseUrl: string): string[] {
  const $ = load(html, { xml: { xmlMode: false, decodeEntities: true } });
  const base = resolve($('base[href]').first().attr('href') ?? '', baseUrl) ?? baseUrl;
  const found: Found = { base, links: new Set() };
  // One selection, so that links come in the order of the page whatever element they stand on.
  for (const { name, attribs } of $('meta, link, a[href], area[href], frame[src], iframe[src]').toArray()) {
    if (name === 'meta') readMeta(found, attribs);
    else if (name === 'link') readLink(found, attribs);
    else addLink(found, attribs[linkAttributes[name] ?? ''], attribs.rel);
  }
  return [...found.links];
}

type Attributes = Readonly<Record<string, string>>;

function readMeta(found: Found, attributes: Attributes): void {
  if (attributes['http-equiv']?.toLowerCase() !== 'refresh') return;
  const content = (attributes.content ?? '').slice(0, longestRefresh);
  addLink(found, /^\s*(?:[\d.]+\s*)?[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(content)?.[1], undefined);
}

function readLink(found: Found, attributes: Attributes): void {
  const relations = (attributes.rel ?? '').toLowerCase().split(/\s+/);
  if (relations.includes('stylesheet') || !relations.some((word) => linkRelations.includes(word))) return;
  addLink(found, attributes.href, undefined);
}

function addLink(found: Found, href: string | undefined, rel: string | undefined): void {
  if (href === undefined || found.links.size >= mostLinks) return;
  const url = resolve(href, found.base);
  const isUnfollowed = rel?.toLowerCase().split(/\s+/).includes('nofollow');
  if (url !== undefined && !isUnfollowed) found.links.add(url);
}

function resolve(href: string, base: string): string | undefined {
  const url = URL.parse(href.trim(), base);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return url.href;
}
