// Documents whose purpose is to list others: RSS, RDF and Atom feeds (with RFC 5005's paging), OPDS 1 catalogues, OAI-PMH 2.0;
// in JSON: JSON Feed and OPDS 2. What they list, and where the list goes on.

import { readJsonListing } from './listing-json.ts';
import { readOaiPmh } from './listing-oai-pmh.ts';
import { childrenOf, findElement, parseXml, textOf, type XmlElement } from './xml-tree.ts';

export type ListingKind = 'feed' | 'opds' | 'oai-pmh';

export interface Listing {
  readonly kind: ListingKind;
  /** Documents, as written; relative ones to `base`. */
  readonly documents: readonly string[];
  /** Further pages of the list, and lists in it. */
  readonly lists: readonly string[];
  readonly base: string;
}

const mostLinks = 50_000;
const maxNodes = 1_000_000;

/** Media types of which something may be one. */
export const listingTypes: ReadonlySet<string> = new Set(
  ['rss+xml', 'atom+xml', 'rdf+xml', 'xml', 'feed+json', 'opds+json']
    .map((name) => `application/${name}`)
    .concat('text/xml', 'text/rss'),
);

/**
 * Undefined for what is none. Never throws.
 * @param url of the document
 */
export function readListing(text: string, url: string): Listing | undefined {
  const found = /^[\s\uFEFF]*[{[]/.test(text) ? readJsonListing(text) : readXmlListing(text, url);
  if (!found) return undefined;
  const { kind, documents, lists, base = url } = found;
  const distinct = (list: readonly string[]): string[] =>
    [...new Set(list.map((link) => link.trim()).filter((link) => link !== ''))].slice(0, mostLinks);
  return { kind, documents: distinct(documents), lists: distinct(lists), base };
}

export type FoundListing = Omit<Listing, 'base'> & { readonly base?: string };

function readXmlListing(text: string, url: string): FoundListing | undefined {
  if (!/<(?:[\w.-]+:)?(?:rss|rdf|feed|entry|channel|oai-pmh)[\s>]/i.test(text.slice(0, 16_384)))
    return undefined;
  const root = parseXml(text, { maxNodes });
  const top = root.children.find(
    (child): child is XmlElement =>
      typeof child !== 'string' && /^(?:rss|rdf|feed|entry|channel|oai-pmh)$/i.test(child.name),
  );
  if (!top) return undefined;
  const name = top.name.toLowerCase();
  if (name === 'oai-pmh') return readOaiPmh(top, url);
  return name === 'feed' || name === 'entry' ? readAtom(top, url) : readRss(top);
}

function readRss(top: XmlElement): FoundListing {
  const channel = findElement(top, 'channel') ?? top;
  const items = [...childrenOf(channel, 'item'), ...(channel === top ? [] : childrenOf(top, 'item'))];
  const further = childrenOf(channel, 'link').filter(({ attributes }) => isFurther(attributes.rel));
  return {
    kind: 'feed',
    documents: items.flatMap(linksOfItem),
    lists: further.flatMap(({ attributes }) => attributes.href ?? []),
  };
}

function linksOfItem(item: XmlElement): string[] {
  const links = childrenOf(item, 'link');
  const written = links.map((link) => textOf(link).trim() || alternateOf(link));
  const [guid] = childrenOf(item, 'guid');
  const isAddress = guid && guid.attributes.isPermaLink !== 'false' && /^\s*https?:/.test(textOf(guid));
  const about = item.attributes['rdf:about'];
  const found = [...written, isAddress ? textOf(guid) : undefined, about].find((link) => link);
  return found ? [found] : [];
}

function alternateOf({ attributes: { rel = 'alternate', href } }: XmlElement): string | undefined {
  return rel === 'alternate' ? href : undefined;
}

/** RFC 5005: pages of a feed and its archives. */
const isFurther = (rel: string | undefined): boolean => rel === 'next' || rel === 'prev-archive';

const acquisition = 'http://opds-spec.org/acquisition';
const facet = 'http://opds-spec.org/facet';

function readAtom(top: XmlElement, url: string): FoundListing {
  const entries = top.name.toLowerCase() === 'entry' ? [top] : childrenOf(top, 'entry');
  const sorted = [top, ...(entries[0] === top ? [] : entries)].flatMap((parent) =>
    childrenOf(parent, 'link').map((link) => sortLink(link, parent !== top || entries[0] === top)),
  );
  const ofKind = (kind: Sorted['is']): string[] =>
    sorted.flatMap((link) => (link?.is === kind ? [link.href] : []));
  const isCatalogue = sorted.some((link) => link?.isOpds);
  const base = top.attributes['xml:base'];
  return {
    kind: isCatalogue ? 'opds' : 'feed',
    documents: ofKind('document'),
    lists: ofKind('list'),
    ...(base !== undefined && { base: URL.parse(base, url)?.href ?? url }),
  };
}

interface Sorted {
  readonly is: 'document' | 'list' | 'neither';
  readonly href: string;
  readonly isOpds: boolean;
}

/** A book is a document where it may be had for nothing; facets give the same list in another order. */
function sortLink({ attributes }: XmlElement, isEntry: boolean): Sorted | undefined {
  const { href, rel = 'alternate', type = '' } = attributes;
  if (href === undefined) return undefined;
  const isCatalogue = /profile="?opds-catalog/.test(type);
  const isOpds = isCatalogue || rel.startsWith('http://opds-spec.org/');
  const isFree = rel === acquisition || rel === `${acquisition}/open-access`;
  const isOther =
    ['self', 'start', 'up', 'search', 'previous', 'prev', 'first', 'last'].includes(rel) || rel === facet;
  if (isOther) return { is: 'neither', href, isOpds };
  if (isFurther(rel) || isCatalogue) return { is: 'list', href, isOpds };
  return { is: isEntry && (rel === 'alternate' || isFree) ? 'document' : 'neither', href, isOpds };
}
