// The title of a page: what the article calls itself, without the name of its site. A heading that the document's
// title repeats is what a person would call the title; the site's own name is often a heading too, and is none.
import type { PageFacts } from './page-metadata.ts';
import { decodeEntities } from './entities.ts';
import { attribute, rawAttributes } from './tag-scanner.ts';
import { flag, tag, tagFlags, textTag } from './tags.ts';
import { comparable, isSiteName, siteNames, titleParts, withoutSite, type SiteNames } from './title-parts.ts';
import { collapseSpace, firstOf, subtreeText } from './tree-text.ts';

const maxTitleLength = 400;
const statedNames = [
  'og:title',
  'citation_title',
  'dc.title',
  'dcterms.title',
  'twitter:title',
  'headline',
  'title',
];

/** The best title of a page, or undefined when it has none at all. */
export function findTitle(facts: PageFacts): string | undefined {
  const { tree, meta, works, siteName, url } = facts;
  const element = firstOf(tree, tag.title);
  const document = element === undefined ? '' : subtreeText(tree, element);
  const stated = meta.first(...statedNames);
  const linked = works
    .map((work) => work['headline'] ?? work['name'])
    .find((name): name is string => typeof name === 'string' && name !== '');
  const names = siteNames(siteName, url ?? meta.first('og:url'));
  const { first, others } = headingsOf(facts, names);
  const told = [linked, stated, document].filter((text): text is string => text !== undefined && text !== '');
  const heading = repeatedHeading(first, others, told);
  if (heading !== undefined) return finish(heading);
  const best = told.map((text) => withoutSite(tidy(text), names)).find((text) => !isSiteName(text, names));
  return finish(best ?? first[0] ?? told[0] ?? others[0] ?? headingText(facts, tag.h1) ?? '');
}

const tidy = (text: string): string => collapseSpace(decodeEntities(text.slice(0, 1000))).trim();

function finish(title: string): string | undefined {
  const text = tidy(title);
  return text === '' ? undefined : text.slice(0, maxTitleLength);
}

/** The heading that the page's other titles repeat: whole, as one of their parts, or behind a word above it. */
function repeatedHeading(
  first: readonly string[],
  others: readonly string[],
  told: readonly string[],
): string | undefined {
  const whole = comparable(told.join(' '));
  const main = first.find((heading) => heading.length > 8 && whole.includes(comparable(heading)));
  if (main !== undefined) return main;
  const parts = told.flatMap((text) => [text, ...titleParts(tidy(text))]);
  const wanted = new Set(parts.map(comparable).filter((part) => part.length > 3));
  const other = others.find((heading) => wanted.has(comparable(heading)));
  if (other !== undefined) return other;
  // "Open Progress Why thinking beats smarts": a label stands inside the heading, above the title.
  return parts.find((part) => {
    const plain = ` ${comparable(part)}`;
    return plain.split(' ').length > 3 && first.some((heading) => comparable(heading).endsWith(plain));
  });
}

const hintNames = ['class', 'itemprop', 'id'];
const titleMark =
  /(?:^|[\s_-])(?:entry|post|article|page|story|thread|topic)[-_]?(?:title|headline)(?:$|[\s_-])|^headline$/i;
const mostHeadings = 12;

/** Texts of the first h1 elements, and of what else may hold a title: h2, h3, elements named so. None is the site's name. */
function headingsOf({ tree }: PageFacts, names: SiteNames): { first: string[]; others: string[] } {
  const [first, others]: [string[], string[]] = [[], []];
  const raw: (string | undefined)[] = [];
  raw.length = hintNames.length;
  for (let i = 1; i < tree.length && first.length < 5; i++) {
    const number = tree.tag[i];
    if (number === textTag || number === tag.a || tree.end[i] - i > 40) continue;
    let list = number === tag.h1 ? first : undefined;
    if (list === undefined && others.length < mostHeadings) {
      if (number === tag.h2 || number === tag.h3) list = others;
      else if (tree.stop[i] - tree.start[i] > 14) {
        rawAttributes(tree, i, hintNames, raw);
        if (raw.some((value) => value !== undefined && titleMark.test(value))) list = others;
      }
    }
    if (list === undefined) continue;
    const text = textOrPicture(tree, i);
    if (text !== '' && text.length <= maxTitleLength && !isSiteName(text, names) && !leadsHome(tree, i))
      list.push(text);
  }
  return { first, others };
}

function headingText({ tree }: PageFacts, number: number): string | undefined {
  const node = firstOf(tree, number);
  return node === undefined ? undefined : textOrPicture(tree, node);
}

function textOrPicture(tree: PageFacts['tree'], node: number): string {
  const text = subtreeText(tree, node);
  if (text !== '') return text;
  // A logo as heading carries its text in the picture.
  for (let i = node + 1; i < tree.end[node]; i++) {
    if (tree.tag[i] === tag.img) return collapseSpace(attribute(tree, i, 'alt') ?? '').trim();
    if ((tagFlags[tree.tag[i]] & flag.invisible) !== 0) i = tree.end[i] - 1;
  }
  return '';
}

const home = /^(?:https?:)?(?:\/\/[^/]+)?\/?(?:index\.\w{2,5}|home)?\/?$/i;

/** A heading that is a link to the site's first page is the site's name. */
function leadsHome(tree: PageFacts['tree'], node: number): boolean {
  for (let i = node + 1; i < tree.end[node]; i++) {
    if (tree.tag[i] !== tag.a) continue;
    const href = attribute(tree, i, 'href')?.replace(/^.*\/web\/\d+[a-z_]*\//i, '');
    return href !== undefined && href !== '' && home.test(href);
  }
  const parent = tree.parent[node];
  return tree.tag[parent] === tag.a && home.test(attribute(tree, parent, 'href') ?? '-');
}
