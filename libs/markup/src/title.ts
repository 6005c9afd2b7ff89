// The title of a page: what the article calls itself, without the name of its site.
import type { PageFacts } from './page-metadata.ts';
import { attribute } from './tag-scanner.ts';
import { flag, tag, tagFlags } from './tags.ts';
import { collapseSpace, firstOf, subtreeText } from './tree-text.ts';
import { decodeEntities } from './entities.ts';

const maxTitleLength = 400;

/** The best title of a page, or undefined when it has none at all. */
export function findTitle(facts: PageFacts): string | undefined {
  const { tree, meta, works } = facts;
  const headings = firstHeadings(facts);
  const element = firstOf(tree, tag.title);
  const document = element === undefined ? '' : subtreeText(tree, element);
  const stated = meta.first(
    'og:title',
    'citation_title',
    'dc.title',
    'dcterms.title',
    'twitter:title',
    'headline',
    'title',
  );
  const linked = works
    .map((work) => work['headline'] ?? work['name'])
    .find((name) => typeof name === 'string' && name);
  // A heading that the document's title repeats is what a person would call the title.
  const whole = comparable(`${document} ${stated ?? ''}`);
  const repeated = headings.find((heading) => heading.length > 8 && whole.includes(comparable(heading)));
  const best =
    repeated ?? (typeof linked === 'string' ? linked : undefined) ?? stated ?? document ?? headings[0];
  return finish(best || headings[0] || '', facts.siteName);
}

function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Texts of the first h1 elements, or of the first h2 when there is no h1. */
function firstHeadings({ tree }: PageFacts): string[] {
  const texts: string[] = [];
  for (let i = 1; i < tree.length && texts.length < 5; i++) {
    if (tree.tag[i] !== tag.h1) continue;
    const text = headingText(tree, i);
    if (text !== '') texts.push(text);
  }
  if (texts.length > 0) return texts;
  const second = firstOf(tree, tag.h2);
  return second === undefined ? [] : [subtreeText(tree, second)].filter((text) => text !== '');
}

function headingText(tree: PageFacts['tree'], node: number): string {
  const text = subtreeText(tree, node);
  if (text !== '') return text;
  // A logo as heading carries its text in the picture.
  for (let i = node + 1; i < tree.end[node]; i++) {
    if (tree.tag[i] === tag.img) return collapseSpace(attribute(tree, i, 'alt') ?? '').trim();
    if ((tagFlags[tree.tag[i]] & flag.invisible) !== 0) i = tree.end[i] - 1;
  }
  return '';
}

function finish(title: string, siteName: string | undefined): string | undefined {
  let text = collapseSpace(decodeEntities(title.slice(0, 1000))).trim();
  const match = /^(.{8,}?)\s+(?:[|·•»«›—–]|-|::)\s+([^|·•»«›—–]{2,60})$/u.exec(text);
  if (
    match !== null &&
    (siteName === undefined ? match[2].split(' ').length <= 3 : isSite(match[2], siteName))
  )
    text = match[1];
  return text === '' ? undefined : text.slice(0, maxTitleLength);
}

function isSite(part: string, siteName: string): boolean {
  const [a, b] = [comparable(part), comparable(siteName)];
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a));
}
