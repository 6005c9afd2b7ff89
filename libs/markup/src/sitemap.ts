// Sitemaps (sitemaps.org protocol 0.9): a list of pages, an index of further sitemaps, or a text file of addresses. Read piece
// after piece, since one may have 50 MB: what is kept are addresses alone.

import { Parser } from 'htmlparser2';

export interface SitemapEntry {
  /** As written, without white space. */
  readonly url: string;
  /** As written. */
  readonly lastModified?: string;
}

export interface Sitemap {
  readonly pages: readonly SitemapEntry[];
  readonly sitemaps: readonly SitemapEntry[];
}

export interface SitemapReader {
  write(text: string): void;
  end(): Sitemap;
}

/** The protocol allows 50,000 a file. */
const mostUrls = 50_000;
const longestText = 8192;

/** Never throws; what is no sitemap gives nothing. */
export function createSitemapReader(): SitemapReader {
  let head = '';
  let reader: SitemapReader | undefined;
  const start = (): SitemapReader =>
    (reader ??= /^[\s\uFEFF]*</.test(head) ? createXmlReader() : createTextReader());
  return {
    write(text) {
      if (reader) return reader.write(text);
      head += text;
      if (head.trim() === '' && head.length < longestText) return;
      start().write(head);
      head = '';
    },
    end() {
      if (!reader) start().write(head);
      return reader!.end();
    },
  };
}

/** A sitemap in one piece. */
export function parseSitemap(text: string): Sitemap {
  const reader = createSitemapReader();
  reader.write(text);
  return reader.end();
}

function createXmlReader(): SitemapReader {
  const lists = { url: [] as SitemapEntry[], sitemap: [] as SitemapEntry[] };
  /** The entry that is open, and how deep in it reading stands. */
  let entry: { name: keyof typeof lists; loc?: string; lastmod?: string } | undefined;
  let depth = 0;
  let field: 'loc' | 'lastmod' | undefined;
  let held = '';
  const parser = new Parser(
    {
      onopentag(tag) {
        const name = tag.slice(tag.indexOf(':') + 1);
        if (!entry && (name === 'url' || name === 'sitemap')) [entry, depth] = [{ name }, 0];
        else if (entry && ++depth === 1 && (name === 'loc' || name === 'lastmod')) [field, held] = [name, ''];
      },
      ontext(data) {
        if (field && held.length < longestText) held += data;
      },
      onclosetag() {
        if (!entry) return;
        if (depth-- > 0) {
          if (field && depth === 0) {
            entry[field] ??= held.trim();
            field = undefined;
          }
          return;
        }
        const { name, loc, lastmod } = entry;
        if (loc && lists[name].length < mostUrls)
          lists[name].push({ url: loc, ...(lastmod && { lastModified: lastmod }) });
        entry = undefined;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  return {
    write: (text) => parser.write(text),
    end() {
      parser.end();
      return { pages: lists.url, sitemaps: lists.sitemap };
    },
  };
}

function createTextReader(): SitemapReader {
  const pages: SitemapEntry[] = [];
  let rest = '';
  const take = (line: string): void => {
    const url = line.trim();
    if (pages.length < mostUrls && url.length <= longestText && /^https?:/.test(url)) pages.push({ url });
  };
  return {
    write(text) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop()!.slice(-longestText);
      lines.forEach(take);
    },
    end() {
      take(rest);
      return { pages, sitemaps: [] };
    },
  };
}
