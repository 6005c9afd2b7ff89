// What a page says about itself: title, author, date, language, licence, site, canonical link. Statements are taken
// in the order of how far they can be trusted: JSON-LD of an article, OpenGraph and named meta elements, microdata
// and RDFa, and last what a reader sees (h1, bylines, time elements).

import { findAuthor } from './author.ts';
import { findDate } from './date.ts';
import { isOfType, linkedObjects, type LinkedObject } from './json-ld.ts';
import { findLicence } from './licence.ts';
import { collectMeta, type MetaElements } from './meta-elements.ts';
import { attribute } from './tag-scanner.ts';
import type { FlatTree } from './html-tree.ts';
import { tag } from './tags.ts';
import { findTitle } from './title.ts';

export interface PageMetadata {
  title?: string;
  author?: string;
  /** ISO 8601 date, of publication where it is known. */
  date?: string;
  /** As declared, in BCP 47 spelling. */
  language?: string;
  licence?: string;
  siteName?: string;
  canonicalUrl?: string;
}

/** All that the finders of single fields look at. */
export interface PageFacts {
  readonly tree: FlatTree;
  readonly meta: MetaElements;
  readonly linked: readonly LinkedObject[];
  /** JSON-LD objects that describe the article or work of this page. */
  readonly works: readonly LinkedObject[];
  readonly siteName?: string;
  readonly url?: string;
}

const workTypes =
  /(?:Article|BlogPosting|NewsArticle|Posting|Report|Review|Recipe|Book|HowTo|Product|QAPage|Event|Movie|VideoObject|MediaObject|CreativeWork|WebPage)$/;

/** Reads a page's metadata out of its facts. @example readMetadata(gatherFacts(parseHtml(html), url)) */
export function readMetadata(facts: PageFacts): PageMetadata {
  return {
    title: findTitle(facts),
    author: findAuthor(facts),
    date: findDate(facts),
    language: findLanguage(facts),
    licence: findLicence(facts),
    siteName: facts.siteName,
    canonicalUrl: findCanonical(facts),
  };
}

/** Collects what the finders of single fields share; `url` is where the page was found, used where it is silent. */
export function gatherFacts(tree: FlatTree, url?: string): PageFacts {
  const meta = collectMeta(tree);
  const linked = linkedObjects(tree);
  const works = linked.filter((object) => isOfType(object, workTypes)).sort((a, b) => rank(a) - rank(b));
  return { tree, meta, linked, works, url, siteName: findSiteName(meta, linked) };
}

/** Articles before other works before the page around them. */
function rank(work: LinkedObject): number {
  if (isOfType(work, /(?:Article|Posting|Report)$/)) return 0;
  return isOfType(work, /WebPage$/) ? 2 : 1;
}

function findSiteName(meta: MetaElements, linked: readonly LinkedObject[]): string | undefined {
  const stated = meta.first('og:site_name', 'application-name', 'twitter:site', 'dc.publisher', 'publisher');
  if (stated && !/^@|^https?:/.test(stated)) return stated;
  for (const object of linked) {
    if (isOfType(object, /^WebSite$/) && typeof object['name'] === 'string')
      return object['name'].trim() || undefined;
  }
  for (const object of linked) {
    const publisher = object['publisher'] as LinkedObject | undefined;
    if (publisher && typeof publisher['name'] === 'string' && publisher['name'].trim())
      return publisher['name'].trim();
  }
  return stated?.replace(/^@/, '');
}

function findLanguage({ tree, meta, works }: PageFacts): string | undefined {
  const html = tree.tag.indexOf(tag.html);
  const declared = [
    html < 0 ? undefined : (attribute(tree, html, 'lang') ?? attribute(tree, html, 'xml:lang')),
    meta.first('content-language', 'language', 'dc.language', 'dcterms.language'),
    typeof works[0]?.['inLanguage'] === 'string' ? works[0]['inLanguage'] : undefined,
    meta.first('og:locale'),
  ];
  for (const value of declared) {
    const code =
      value
        ?.trim()
        .split(/[\s,;]/)[0]
        .replace(/_/g, '-') ?? '';
    if (/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(code)) return normaliseTag(code);
  }
  return undefined;
}

/** BCP 47 case: language lower, script title, region upper. */
function normaliseTag(code: string): string {
  return code
    .split('-')
    .map((part, index) => {
      if (index === 0) return part.toLowerCase();
      if (part.length === 2) return part.toUpperCase();
      return part.length === 4 ? part[0].toUpperCase() + part.slice(1).toLowerCase() : part.toLowerCase();
    })
    .join('-');
}

function findCanonical({ tree, meta, url }: PageFacts): string | undefined {
  let stated: string | undefined;
  for (let i = 1; i < tree.length && stated === undefined; i++) {
    if (tree.tag[i] !== tag.link) continue;
    const rel = attribute(tree, i, 'rel');
    if (rel && /(?:^|\s)canonical(?:\s|$)/i.test(rel)) stated = attribute(tree, i, 'href');
  }
  stated = (stated ?? meta.first('og:url'))?.trim();
  if (!stated) return undefined;
  if (/^https?:\/\//i.test(stated)) return stated;
  return url !== undefined && URL.canParse(stated, url) ? new URL(stated, url).href : undefined;
}
