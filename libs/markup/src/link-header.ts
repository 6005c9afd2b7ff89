// Links in an answer's head (RFC 8288), for what has no markup too: a PDF's canonical address, the next page of a list.

import LinkHeader from 'http-link-header';
import { kindOfRelation, resolveUrl, type PageLink } from './links.ts';

const longestField = 64 * 1024;
const mostLinks = 1000;

/**
 * Links of Link fields that lead to documents, in order. A damaged field gives none. Never throws.
 * @param fields values of all Link fields of one answer
 * @param url of the answer, against which they are resolved
 */
export function readLinkHeaders(fields: readonly string[], url: string): PageLink[] {
  return fields.flatMap((field) => linksOf(field, url)).slice(0, mostLinks);
}

function linksOf(field: string, url: string): PageLink[] {
  return parse(field).flatMap(({ uri, rel, anchor, hreflang, type }) => {
    const kind = kindOfRelation(rel ?? '', type, uri);
    const address = resolveUrl(uri, url);
    // With an anchor it is a link of another document.
    const isOthers = anchor !== undefined && resolveUrl(anchor, url) !== resolveUrl('', url);
    if (!kind || !address || isOthers) return [];
    return { url: address, kind, ...(hreflang && { language: hreflang }), ...(type && { mediaType: type }) };
  });
}

type Reference = { uri: string } & Partial<Record<'rel' | 'anchor' | 'hreflang' | 'type', string>>;

function parse(field: string): Reference[] {
  try {
    return LinkHeader.parse(field.slice(0, longestField)).refs as unknown as Reference[];
  } catch {
    return [];
  }
}
