// Sitemaps (sitemaps.org protocol 0.9): a list of pages, an index of further sitemaps, or a text file of URLs.

import { childrenOf, findElements, parseXml, textOf } from './xml-tree.ts';

export interface Sitemap {
  readonly pages: readonly string[];
  readonly sitemaps: readonly string[];
}

/** The protocol allows 50,000 URLs a file. */
const mostUrls = 50_000;

/** URLs as written, without white space; never throws. */
export function parseSitemap(text: string): Sitemap {
  if (!/^[\s\uFEFF]*</.test(text)) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    return { pages: lines.filter((line) => /^https?:/.test(line)).slice(0, mostUrls), sitemaps: [] };
  }
  const root = parseXml(text, { maxNodes: 20 * mostUrls });
  const locations = (name: string): string[] =>
    [...findElements(root, name)]
      .flatMap((element) => childrenOf(element, 'loc').slice(0, 1))
      .map((element) => textOf(element).trim())
      .filter((url) => url !== '')
      .slice(0, mostUrls);
  return { pages: locations('url'), sitemaps: locations('sitemap') };
}
