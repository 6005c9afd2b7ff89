// Sitemaps: which ones a crawl starts from, and the pages and further sitemaps that one names.

import { parseSitemap } from '@gristmill/markup';
import { canonicalUrl, decodeText } from '@gristmill/text';
import { gunzipSync } from 'node:zlib';
import type { CrawlPlan } from './options.ts';

/** Canonical URLs; sitemaps of other hosts than the seeds' are left out. */
export function readSitemap(
  { maxBytes, seeds }: Pick<CrawlPlan, 'maxBytes' | 'seeds'>,
  url: string,
  body: Uint8Array,
): { readonly pages: string[]; readonly sitemaps: string[] } {
  let bytes = body;
  try {
    if (body[0] === 0x1f && body[1] === 0x8b) bytes = gunzipSync(body, { maxOutputLength: maxBytes });
  } catch {
    return { pages: [], sitemaps: [] };
  }
  const { pages, sitemaps } = parseSitemap(decodeText(bytes, { markup: 'xml' }).text);
  const absolute = (list: readonly string[]): string[] =>
    list.flatMap((link) => canonicalUrl(link, url) ?? []);
  return { pages: absolute(pages), sitemaps: absolute(sitemaps).filter((link) => isHostOf(link, seeds)) };
}

/** A sitemap lies at the root of a host even where the scope is a folder of it. */
export function isHostOf(url: string, seeds: readonly string[]): boolean {
  return seeds.some((seed) => new URL(seed).host === new URL(url).host);
}
