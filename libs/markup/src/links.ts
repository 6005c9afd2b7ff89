// Where a page leads: links that a reader can follow, and what the page says of its own other addresses (canonical,
// languages, neighbours in a series, feeds). Read from the flat tree, in the order of the page.
//
// Content of <noscript> counts, since nothing runs scripts here; so does a frame's `srcdoc`, with the page's base. A template's
// content counts only where browsers show it by themselves (`shadowrootmode`).

import { decodeAttribute } from './entities.ts';
import { parseHtml, type FlatTree } from './html-tree.ts';
import { attribute, rawAttributes } from './tag-scanner.ts';
import { tag, tagNumber } from './tags.ts';

export type LinkKind =
  /** `a`, `area` and what stands in a Link header without a relation of these below. */
  | 'link'
  | 'frame'
  /** Of <meta http-equiv=refresh>. */
  | 'refresh'
  | 'canonical'
  /** The same document in another language or form. */
  | 'alternate'
  /** RSS, Atom, JSON Feed; OPDS catalogues are Atom. */
  | 'feed'
  | 'next'
  | 'previous';

export interface PageLink {
  /** Absolute, http or https, without a fragment. */
  readonly url: string;
  readonly kind: LinkKind;
  /** The page asks not to follow it here (rel=nofollow). */
  readonly noFollow?: true;
  /** `hreflang` as written. */
  readonly language?: string;
  /** Media type as declared, of what `link` elements and headers name. */
  readonly mediaType?: string;
}

export interface PageLinks {
  /** What relative addresses were resolved against. */
  readonly base: string;
  /** Each address once for each kind, language and wish. */
  readonly links: readonly PageLink[];
}

const mostLinks = 100_000;
/** Of addresses and their bases that are resolved: a page of millions of them costs no more. */
const mostCharacters = 32 * 2 ** 20;
const mostFrames = 1000;
/** Longer addresses are nobody's; and each link is as long as its base. */
const longestUrl = 8192;
const deepestFrames = 2;
/** Of a meta refresh: the pattern that reads it is square in blanks. */
const longestRefresh = 4096;

const feedTypes = /^(?:application\/(?:rss\+xml|atom\+xml|rdf\+xml|feed\+json|json)|text\/(?:rss|xml))$/;
/** WordPress says that its interface for programs is an alternate form. */
const isInterface = /\/wp-json\/|[?&]rest_route=/;

type Given = Omit<PageLink, 'url' | 'noFollow'>;

interface Found {
  base: string;
  characters: number;
  frames: number;
  /** By what makes two of them the same. */
  readonly links: Map<string, PageLink>;
  /** Addresses as written, by their resolved form: pages repeat them. */
  readonly resolved: Map<string, string | undefined>;
}

/**
 * Linear in the length of the page. Never throws.
 * @param url of the page; <base href> replaces it for relative addresses
 * @example readLinks(parseHtml('<a href="b">'), 'https://a.example/').links // [{ url: 'https://a.example/b', kind: 'link' }]
 */
export function readLinks(tree: FlatTree, url: string): PageLinks {
  const found: Found = {
    base: findBase(tree, url),
    characters: 0,
    frames: 0,
    links: new Map(),
    resolved: new Map(),
  };
  readTree(found, tree, 0);
  return { base: found.base, links: [...found.links.values()] };
}

/** Addresses of links that may be followed, each once. */
export function urlsToFollow({ links }: PageLinks): string[] {
  return [...new Set(links.filter(({ noFollow }) => !noFollow).map(({ url }) => url))];
}

/** What a `link` element or a Link header (RFC 8288) leads to, by its relation and type; undefined where it is no document. */
export function kindOfRelation(rel: string, type: string | undefined, href: string): LinkKind | undefined {
  const relations = rel.toLowerCase().split(/\s+/);
  if (relations.includes('stylesheet')) return undefined;
  const mediaType = type?.split(';')[0].trim().toLowerCase() ?? '';
  if (relations.includes('feed')) return 'feed';
  if (relations.includes('alternate')) {
    if (!feedTypes.test(mediaType)) return 'alternate';
    return isInterface.test(href) ? undefined : 'feed';
  }
  if (relations.includes('canonical')) return 'canonical';
  if (relations.includes('next')) return 'next';
  return relations.includes('prev') || relations.includes('previous') ? 'previous' : undefined;
}

/** Absolute http(s) address without fragment. */
export function resolveUrl(href: string, base: string): string | undefined {
  if (href.length > longestUrl || /^[\s\0]*(?!https?:)[a-z][a-z\d+.-]*:/i.test(href)) return undefined;
  const url = URL.parse(href, base);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  url.hash = '';
  return url.href.length > longestUrl ? undefined : url.href;
}

function findBase(tree: FlatTree, url: string): string {
  for (let i = tree.tag.indexOf(tag.base); i >= 0 && i < tree.length; i = tree.tag.indexOf(tag.base, i + 1)) {
    const href = attribute(tree, i, 'href');
    if (href !== undefined) return resolveUrl(href, url) ?? url;
  }
  return url;
}

const area = tagNumber('area');
const frame = tagNumber('frame');
const attributeNames = [
  'href',
  'rel',
  'xlink:href',
  'src',
  'srcdoc',
  'hreflang',
  'type',
  'http-equiv',
  'content',
];
type Raw = (string | undefined)[];

function readTree(found: Found, tree: FlatTree, depth: number): void {
  const raw: Raw = new Array<string | undefined>(attributeNames.length);
  const read = (node: number): Raw => {
    rawAttributes(tree, node, attributeNames, raw);
    return raw;
  };
  for (let node = 1; node < tree.length; node++) {
    switch (tree.tag[node]) {
      case tag.a:
      case area:
        readAnchor(found, read(node));
        break;
      case tag.link:
        readLinkElement(found, read(node));
        break;
      case tag.meta:
        readRefresh(found, read(node));
        break;
      case tag.iframe:
      case frame:
        readFrame(found, read(node), depth);
        break;
      case tag.template:
        if (attribute(tree, node, 'shadowrootmode') === undefined) node = tree.end[node] - 1;
    }
  }
}

const decoded = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : decodeAttribute(value);

function readAnchor(found: Found, [href, rel, xlink]: Raw): void {
  const relations = rel === undefined ? '' : decodeAttribute(rel).toLowerCase();
  const noFollow = relations !== '' && relations.split(/\s+/).includes('nofollow');
  const kind = kindOfRelation(relations, undefined, '');
  const isSeries = kind === 'next' || kind === 'previous';
  addLink(found, decoded(href ?? xlink), { kind: isSeries ? kind : 'link' }, noFollow);
}

function readLinkElement(found: Found, [href, rel, , , , hreflang, type]: Raw): void {
  if (href === undefined || rel === undefined) return;
  const address = decodeAttribute(href);
  const mediaType = decoded(type)?.trim();
  const kind = kindOfRelation(decodeAttribute(rel), mediaType, address);
  if (kind) addLink(found, address, describe(kind, decoded(hreflang), mediaType));
}

function describe(kind: LinkKind, language: string | undefined, mediaType: string | undefined): Given {
  const name = language?.trim();
  return { kind, ...(name && { language: name }), ...(mediaType && { mediaType }) };
}

function readRefresh(found: Found, raw: Raw): void {
  const [name, content] = raw.slice(7);
  if (name === undefined || content === undefined || name.trim().toLowerCase() !== 'refresh') return;
  const text = decodeAttribute(content.slice(0, longestRefresh));
  const target = /^\s*(?:[\d.]+\s*)?[;,]\s*(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|([^"'].*))/is.exec(text);
  addLink(
    found,
    target?.slice(1).find((part) => part !== undefined),
    { kind: 'refresh' },
  );
}

function readFrame(found: Found, [, , , src, srcdoc]: Raw, depth: number): void {
  if (srcdoc === undefined) addLink(found, decoded(src), { kind: 'frame' });
  else if (depth < deepestFrames && found.frames++ < mostFrames)
    readTree(found, parseHtml(decodeAttribute(srcdoc)), depth + 1);
}

function addLink(found: Found, href: string | undefined, given: Given, noFollow = false): void {
  if (href === undefined || found.links.size >= mostLinks) return;
  let url = found.resolved.get(href);
  if (url === undefined) {
    found.characters += found.base.length + href.length;
    if (found.characters > mostCharacters) return;
    url = resolveUrl(href, found.base);
    if (url === undefined) return;
    found.resolved.set(href, url);
  }
  const link = { url, ...given, ...(noFollow && { noFollow }) };
  const key = [given.kind, noFollow, given.language, url].join(' ');
  if (!found.links.has(key)) found.links.set(key, link);
}
