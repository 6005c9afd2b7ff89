// Who wrote a page: JSON-LD, meta elements, rel=author and itemprop, then bylines by class.
import { isOfType, type LinkedObject } from './json-ld.ts';
import type { PageFacts } from './page-metadata.ts';
import { rawAttributes } from './tag-scanner.ts';
import { textTag } from './tags.ts';
import { collapseSpace, subtreeText } from './tree-text.ts';
import { decodeEntities } from './entities.ts';

const metaNames = [
  'author',
  'article:author_name',
  'parsely-author',
  'sailthru.author',
  'byl',
  'citation_author',
  'dc.creator',
  'dcterms.creator',
  'dc:creator',
  'article:author',
  'creator',
];

/** The authors' names, separated by `; `, or undefined. A site that names itself is believed only when no person is found. */
export function findAuthor(facts: PageFacts): string | undefined {
  const stated =
    firstNames(facts.works.map((work) => namesOf(work['author']))) ??
    cleanNames([facts.meta.first(...metaNames)]) ??
    cleanNames(personsOf(facts.linked));
  if (stated !== undefined && !isSiteItself(stated, facts)) return stated.join('; ');
  const names = cleanNames(markedNames(facts)) ?? bylineName(facts) ?? stated;
  return names?.join('; ');
}

function isSiteItself(names: readonly string[], { siteName, url, meta }: PageFacts): boolean {
  const plain = (text: string | undefined) => (text ?? '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  const site = plain(siteName);
  const host = plain(/^https?:\/\/(?:www\.)?([^/.]+)/i.exec(url ?? meta.first('og:url') ?? '')?.[1]);
  return names.length === 1 && [site, host].some((own) => own.length > 2 && plain(names[0]).includes(own));
}

const byline =
  /^\s*(?:(?:written|posted|story|text|words|ein beitrag|artikel|geschrieben|eingestellt|veröffentlicht|publié|escrito)\s+)?(?:by|von|par|por|di|door|autor(?:in)?\s*:|author\s*:|auteur\s*:|text\s*:|von\s*:|by\s*:|автор\s*:)\s+(\p{Lu}[\p{L}.'’-]+(?:\s+(?:von|van|de|der|del|la|le|di|[\p{Lu}][\p{L}.'’-]*)){1,3})\s*(?:[,|•·/(–-].*)?$/u;
const bylineStart = /^\s*(?:[A-Z]|von |by |par |por |di |door )/i;

/** A short text of its own that reads "by First Last". */
function bylineName({ tree }: PageFacts): string[] | undefined {
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] !== textTag || tree.stop[i] - tree.start[i] > 120 || tree.stop[i] - tree.start[i] < 8)
      continue;
    const text = collapseSpace(tree.source.slice(tree.start[i], tree.stop[i]));
    if (!bylineStart.test(text)) continue;
    const name =
      byline.exec(text)?.[1] ??
      byline.exec(text.charAt(1) === ' ' ? text : text.charAt(0).toLowerCase() + text.slice(1))?.[1];
    if (name !== undefined) return cleanNames([name]);
  }
  return undefined;
}

function firstNames(lists: readonly (readonly string[])[]): string[] | undefined {
  for (const list of lists) {
    const names = cleanNames(list);
    if (names !== undefined) return names;
  }
  return undefined;
}

function namesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(namesOf);
  if (value === null || typeof value !== 'object') return [];
  const name = (value as LinkedObject)['name'];
  return typeof name === 'string'
    ? [name]
    : Array.isArray(name)
      ? name.filter((item) => typeof item === 'string')
      : [];
}

function personsOf(linked: readonly LinkedObject[]): string[] {
  const persons = linked.filter((object) => isOfType(object, /^Person$/));
  return persons.length === 1 ? namesOf(persons[0]) : [];
}

const hintNames = ['rel', 'itemprop', 'class', 'id', 'data-testid'];
const bylineClass =
  /(?:^|[\s_-])(?:author|byline|by-line|autor|auteur|writer|reporter|journalist)(?:s)?(?:$|[\s_-])|author-?name|authorname/i;

/** Names in elements that say they hold an author, the most explicit kind first. */
function markedNames({ tree }: PageFacts): string[] {
  const raw: (string | undefined)[] = [];
  const byKind: string[][] = [[], [], []];
  raw.length = hintNames.length;
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] === textTag || tree.stop[i] - tree.start[i] < 12 || tree.end[i] - i > 60) continue;
    rawAttributes(tree, i, hintNames, raw);
    const kind = kindOfMark(raw);
    if (kind >= 0) byKind[kind].push(subtreeText(tree, i));
  }
  return byKind.find((names) => cleanNames(names) !== undefined)?.slice(0, 1) ?? [];
}

function kindOfMark(raw: readonly (string | undefined)[]): number {
  const [rel, itemprop, classes, id, test] = raw;
  if (itemprop !== undefined && /(?:^|\s)(?:author|creator)(?:\s|$)/i.test(itemprop)) return 0;
  if (rel !== undefined && /(?:^|\s)author(?:\s|$)/i.test(rel)) return 1;
  const hints = `${classes ?? ''} ${id ?? ''} ${test ?? ''}`;
  return bylineClass.test(hints) && !/comment/i.test(hints) ? 2 : -1;
}

const prefix =
  /^(?:\s*(?:written|posted|published|words|story|text|reported|eingestellt|gepostet|veröffentlicht|ein artikel|artikel|kommentar|geschrieben)?\s*(?:by|von|par|por|di|av|door|af|от|автор|autor(?:in)?(?:en)?|author|auteur)\b\s*:?|by:|von:|autor(?:in)?:|author:|автор:)\s*/iu;

/** A date after a name: `am 3. Oktober`, `Fr, 18.`, `vor 5 Stunden`, `1. November 2023`. */
const trailingDate =
  /[\s,]+(?:(?:am|on|at|vom|um|vor|le|el)\s+)?(?:\p{L}{2,9}[.,]{1,2}\s+){0,2}\d.*$|\s*[,-]\s+\p{L}+:?$(?<=:)/iu;

/** Trims bylines to names; undefined when nothing that could be a name remains. */
function cleanNames(values: readonly (string | undefined)[]): string[] | undefined {
  const names: string[] = [];
  for (const value of values) {
    const text = collapseSpace(decodeEntities((value ?? '').slice(0, 300)))
      .trim()
      .replace(prefix, '')
      .replace(/\s*[|•·»].*$/u, '')
      .replace(trailingDate, '')
      .trim();
    if (isName(text) && !names.includes(text)) names.push(text);
  }
  return names.length === 0 ? undefined : names.slice(0, 10);
}

function isName(text: string): boolean {
  return (
    text.length > 1 &&
    !/:$|^(?:posted|published|updated|veröffentlicht|admin|by|von|autor|author)$/iu.test(text) &&
    text.length <= 80 &&
    !/^https?:|^www\.|^@|^\d+$|[{}<>]|\.(?:com|de|org|net)$/i.test(text) &&
    text.split(' ').length <= 8
  );
}
