// When a page was published, as an ISO date: JSON-LD, meta elements, time elements, the address, then dates as
// people write them near the title. Later revisions are used only where no date of publication is given.

import type { PageFacts } from './page-metadata.ts';
import { parseDate } from './written-date.ts';
import { attribute, rawAttributes } from './tag-scanner.ts';
import { tag, textTag } from './tags.ts';
import { subtreeText } from './tree-text.ts';

const publishedNames = [
  'article:published_time',
  'og:article:published_time',
  'datepublished',
  'date',
  'dc.date',
  'dc.date.issued',
  'dcterms.date',
  'dcterms.created',
  'dc.date.created',
  'dcterms.issued',
  'publishdate',
  'publish-date',
  'pubdate',
  'publication_date',
  'citation_publication_date',
  'citation_date',
  'sailthru.date',
  'parsely-pub-date',
  'datecreated',
  'cxenseparse:recs:publishtime',
  'article.published',
  'created',
  'og:pubdate',
  'article_date_original',
];
const modifiedNames = [
  'article:modified_time',
  'og:updated_time',
  'datemodified',
  'dcterms.modified',
  'last-modified',
  'modified',
];

/** The date of a page as YYYY-MM-DD (YYYY-MM or YYYY where no more is known), or undefined. */
export function findDate(facts: PageFacts): string | undefined {
  const { works, meta } = facts;
  for (const key of ['datePublished', 'dateCreated', 'uploadDate']) {
    for (const work of works) {
      const date = isoDate(work[key]);
      if (date !== undefined) return date;
    }
  }
  return (
    firstDate(publishedNames.flatMap((name) => meta.all(name))) ??
    markedDate(facts) ??
    dateInUrl(facts) ??
    dateInScripts(facts) ??
    firstDate(works.map((work) => work['dateModified'])) ??
    firstDate(modifiedNames.flatMap((name) => meta.all(name))) ??
    visibleDate(facts)
  );
}

function isoDate(value: unknown): string | undefined {
  return typeof value === 'string' ? parseDate(value) : undefined;
}

function firstDate(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const date = isoDate(value);
    if (date !== undefined) return date;
  }
  return undefined;
}

const hintNames = ['itemprop', 'class', 'id', 'property'];
const publishedMark =
  /datepublished|published|pubdate|publish-?date|post-?date|entry-?date|article-?date|dateline|datecreated|release-?date/i;
const dateMark =
  /(?:^|[\s_-])(?:date|datum|time|timestamp|posted|created|meta|byline|published|fecha)(?:$|[\s_-])/i;

/** Dates in time elements and in elements whose class or microdata says date. */
function markedDate({ tree }: PageFacts): string | undefined {
  const raw: (string | undefined)[] = [];
  raw.length = hintNames.length;
  const found: (string | undefined)[] = [];
  for (let i = 1; i < tree.length && found[0] === undefined; i++) {
    if (tree.tag[i] === textTag || tree.end[i] - i > 40) continue;
    const isTime = tree.tag[i] === tag.time;
    if (!isTime && tree.stop[i] - tree.start[i] < 10) continue;
    rawAttributes(tree, i, hintNames, raw);
    const marks = raw.join(' ');
    const kind = publishedMark.test(marks) ? 0 : isTime ? 1 : dateMark.test(marks) ? 2 : -1;
    if (kind >= 0) found[kind] ??= dateOfElement(tree, i);
  }
  return found.find((date) => date !== undefined);
}

function dateOfElement(tree: PageFacts['tree'], node: number): string | undefined {
  const stated =
    attribute(tree, node, 'datetime') ?? attribute(tree, node, 'content') ?? attribute(tree, node, 'title');
  const date = stated === undefined ? undefined : parseDate(stated);
  if (date !== undefined) return date;
  const text = subtreeText(tree, node);
  return text.length > 120 ? undefined : parseDate(text);
}

const urlDate = /[/_-]((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?:[/_.-]|$)/;
/** `/2017/7/12/`: between slashes months and days need no zero. */
const urlFolders = /\/((?:19|20)\d\d)\/(1[0-2]|[1-9])\/(3[01]|[12]\d|[1-9])(?:[/.]|$)/;

function dateInUrl({ url, meta }: PageFacts): string | undefined {
  for (const address of [url, meta.first('og:url')]) {
    const match = urlDate.exec(address ?? '') ?? urlFolders.exec(address ?? '');
    if (match !== null) return parseDate(`${match[1]}-${match[2]}-${match[3]}`);
  }
  return undefined;
}

const scriptField =
  /(?:date_?published|published_?(?:at|date|time|on)|publish_?(?:date|time)|publication_?date|created_?at|date_?created|first_?published(?:_?at)?|pub_?date)(?:\\?["']|&quot;)\s{0,4}:\s{0,4}(?:\\?["']|&quot;)((?:19|20)\d\d-\d\d-\d\d)/i;
const mostScript = 4_000_000;

/** A date of publication in the data that pages hand to their own scripts. */
function dateInScripts({ tree }: PageFacts): string | undefined {
  const match = scriptField.exec(tree.source.slice(0, mostScript));
  return match === null ? undefined : parseDate(match[1]);
}

/** The first date in a short text node of the page. */
function visibleDate({ tree }: PageFacts): string | undefined {
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] === tag.script || tree.tag[i] === tag.style || tree.tag[i] === tag.head)
      i = tree.end[i] - 1;
    else if (tree.tag[i] === textTag && tree.stop[i] - tree.start[i] < 120) {
      const date = parseDate(tree.source.slice(tree.start[i], tree.stop[i]));
      if (date?.length === 10) return date;
    }
  }
  return undefined;
}
