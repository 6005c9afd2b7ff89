// Who wrote a page: JSON-LD, meta elements, rel=author and itemprop, then bylines by class.
import { isOfType, type LinkedObject } from './json-ld.ts';
import type { FlatTree } from './html-tree.ts';
import type { PageFacts } from './page-metadata.ts';
import { bylineNames, cleanNames, isPersonName } from './person-names.ts';
import { rawAttributes } from './tag-scanner.ts';
import { tag, textTag } from './tags.ts';
import { nodeText, subtreeText } from './tree-text.ts';

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
    firstNames(facts.works.map((work) => namesOf(work['author'], facts.linked))) ??
    firstNames(metaNames.map((name) => facts.meta.all(name))) ??
    cleanNames(personsOf(facts.linked));
  if (stated !== undefined && !isSiteItself(stated, facts)) return stated.join('; ');
  const names = markedNames(facts.tree) ?? writtenByline(facts.tree) ?? stated;
  return names?.join('; ');
}

function isSiteItself(names: readonly string[], { siteName, url, meta }: PageFacts): boolean {
  const plain = (text: string | undefined) => (text ?? '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  const site = plain(siteName);
  const host = plain(/^https?:\/\/(?:www\.)?([^/.]+)/i.exec(url ?? meta.first('og:url') ?? '')?.[1]);
  return names.length === 1 && [site, host].some((own) => own.length > 2 && plain(names[0]).includes(own));
}

/** A short text of its own that reads "by First Last". What makers of themes write below a page is none. */
function writtenByline(tree: FlatTree): string[] | undefined {
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] === tag.footer) i = tree.end[i] - 1;
    if (tree.tag[i] !== textTag || tree.stop[i] - tree.start[i] > 160 || tree.stop[i] - tree.start[i] < 8)
      continue;
    const names = bylineNames(nodeText(tree, i));
    if (names !== undefined) return names;
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

/** Names of an author member: text, objects with a name, or references (`@id`) to objects elsewhere in the graph. */
function namesOf(value: unknown, linked: readonly LinkedObject[]): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((item) => namesOf(item, linked));
  if (value === null || typeof value !== 'object') return [];
  const { name, '@id': id } = value as LinkedObject;
  if (typeof name === 'string') return [name];
  if (Array.isArray(name)) return name.filter((item) => typeof item === 'string');
  const meant = typeof id === 'string' ? linked.find((one) => one['@id'] === id && 'name' in one) : undefined;
  return meant === undefined ? [] : namesOf(meant, []);
}

function personsOf(linked: readonly LinkedObject[]): string[] {
  const persons = linked.filter((object) => isOfType(object, /^Person$/));
  return persons.length === 1 ? namesOf(persons[0], []) : [];
}

const hintNames = ['rel', 'itemprop', 'class', 'id', 'data-testid'];
const bylineClass =
  /(?:^|[\s_-])(?:author|byline|by-line|autor|auteur|writer|reporter|journalist)(?:s)?(?:$|[\s_-])|author-?name|authorname/i;
/** Authors of one page stand beside one another: so many nodes at most lie between them. */
const widestGap = 30;

/** Names in elements that say they hold an author, the most explicit kind first. */
function markedNames(tree: FlatTree): string[] | undefined {
  const raw: (string | undefined)[] = [];
  raw.length = hintNames.length;
  const found: ({ names: string[]; end: number } | undefined)[] = [undefined, undefined, undefined];
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] === textTag || tree.stop[i] - tree.start[i] < 12 || tree.end[i] - i > 60) continue;
    rawAttributes(tree, i, hintNames, raw);
    const kind = kindOfMark(raw);
    if (kind < 0) continue;
    const before = found[kind];
    if (before !== undefined && (i < before.end || i - before.end > widestGap)) continue;
    const names = namesIn(tree, i);
    if (names === undefined) continue;
    found[kind] = { names: [...(before?.names ?? []), ...names], end: tree.end[i] };
  }
  return cleanNames(found.find((one) => one !== undefined)?.names ?? []);
}

/** The first text in a marked element that is a name, else the whole of it where that is one. */
function namesIn(tree: FlatTree, node: number): string[] | undefined {
  const text = subtreeText(tree, node);
  const several = bylineNames(text);
  if (several !== undefined && several.length > 1) return several;
  for (let i = node + 1; i < tree.end[node]; i++) {
    if (tree.tag[i] !== textTag) continue;
    const part = cleanNames([nodeText(tree, i)]);
    if (part !== undefined && isPersonName(part[0])) return part;
  }
  return cleanNames([text]);
}

function kindOfMark(raw: readonly (string | undefined)[]): number {
  const [rel, itemprop, classes, id, test] = raw;
  if (itemprop !== undefined && /(?:^|\s)(?:author|creator)(?:\s|$)/i.test(itemprop)) return 0;
  if (rel !== undefined && /(?:^|\s)author(?:\s|$)/i.test(rel)) return 1;
  const hints = `${classes ?? ''} ${id ?? ''} ${test ?? ''}`;
  return bylineClass.test(hints) && !/comment/i.test(hints) ? 2 : -1;
}
