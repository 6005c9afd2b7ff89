// Lists in JSON: JSON Feed 1 (jsonfeed.org) and OPDS 2 (drafts.opds.io). Told by their own members, never by a name.

import type { FoundListing } from './listing.ts';

type Value = Readonly<Record<string, unknown>>;

/** Undefined for other JSON, and for what is none. */
export function readJsonListing(text: string): FoundListing | undefined {
  const top = objectOf(parse(text));
  if (!top) return undefined;
  const { version } = top;
  if (typeof version === 'string' && /jsonfeed\.org\/version/.test(version)) {
    return {
      kind: 'feed',
      documents: objects(top.items).flatMap((item) => textOf(item.url) ?? textOf(item.external_url) ?? []),
      lists: textOf(top.next_url) ?? [],
    };
  }
  const isCatalogue = objectOf(top.metadata) && (top.publications || top.navigation || top.groups);
  return isCatalogue ? readCatalogue(top) : undefined;
}

function readCatalogue(top: Value): FoundListing {
  const parts = [top, ...objects(top.groups)];
  const publications = parts.flatMap((part) => objects(part.publications));
  const navigation = parts.flatMap((part) => objects(part.navigation));
  const further = parts
    .flatMap((part) => objects(part.links))
    .filter(({ rel }) => relations(rel).includes('next'));
  const books = publications
    .flatMap(({ links }) => objects(links))
    .filter(({ rel }) => relations(rel).some((name) => free.has(name)));
  const addresses = (list: readonly Value[]): string[] => list.flatMap(({ href }) => textOf(href) ?? []);
  return { kind: 'opds', documents: addresses(books), lists: addresses([...further, ...navigation]) };
}

const acquisition = 'http://opds-spec.org/acquisition';
const free = new Set([acquisition, `${acquisition}/open-access`]);

const relations = (rel: unknown): string[] =>
  (Array.isArray(rel) ? rel : [rel]).filter((name): name is string => typeof name === 'string');

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Value | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Value) : undefined;
}

function objects(value: unknown): Value[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.map(objectOf).filter((item) => item !== undefined);
}

/** One address, as a list. */
function textOf(value: unknown): string[] | undefined {
  return typeof value === 'string' && value !== '' ? [value] : undefined;
}
