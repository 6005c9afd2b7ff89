// Who wrote a page: JSON-LD, meta elements, rel=author and itemprop, then bylines by class.
import { isOfType, type LinkedObject } from './json-ld.ts';
import type { PageFacts } from './page-metadata.ts';
import { rawAttributes } from './tag-scanner.ts';
import { textTag } from './tags.ts';
import { collapseSpace, subtreeText } from './tree-text.ts';
import { decodeEntities } from './entities.ts';

/** The authors' names, separated by `; `, or undefined. */
export function findAuthor(facts: PageFacts): string | undefined {
  const { meta } = facts;
  const names =
    firstNames(facts.works.map((work) => namesOf(work['author']))) ??
    cleanNames([
      meta.first(
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
      ),
    ]) ??
    cleanNames(personsOf(facts.linked)) ??
    cleanNames(markedNames(facts));
  return names?.join('; ');
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
  /^(?:\s*(?:written|posted|published|words|story|text|reported|ein artikel|artikel|kommentar|geschrieben)?\s*(?:by|von|par|por|di|av|door|af|от|автор|autor(?:in)?(?:en)?|author|auteur)\b\s*:?|by:|von:|autor(?:in)?:|author:|автор:)\s*/iu;

/** Trims bylines to names; undefined when nothing that could be a name remains. */
function cleanNames(values: readonly (string | undefined)[]): string[] | undefined {
  const names: string[] = [];
  for (const value of values) {
    const text = collapseSpace(decodeEntities(value ?? ''))
      .trim()
      .replace(prefix, '')
      .replace(/\s*[|•·»].*$/u, '')
      .trim();
    if (isName(text) && !names.includes(text)) names.push(text);
  }
  return names.length === 0 ? undefined : names.slice(0, 10);
}

function isName(text: string): boolean {
  return (
    text.length > 1 &&
    text.length <= 80 &&
    !/^https?:|^www\.|^@|^\d+$|[{}<>]|\.(?:com|de|org|net)$/i.test(text) &&
    text.split(' ').length <= 8
  );
}
