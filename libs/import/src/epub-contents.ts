// A book's table of contents: what it calls its chapters (navigation document of EPUB 3, NCX of EPUB 2), and whether a
// document of the spine is nothing but such a table.

import { childrenOf, findElement, findElements, parseXml, textOf, type XmlElement } from '@gristmill/markup';
import { resolvePath } from './epub-package.ts';

interface Label {
  readonly title: string;
  readonly depth: number;
  /** The entry leads into the document, not to its beginning. */
  readonly isInside: boolean;
}

/**
 * Title of each document that the contents name, by path. A document with several chapters has none: its outermost entry
 * counts if there is only one.
 */
export function readChapterTitles(xml: string, path: string): Map<string, string> {
  const root = parseXml(xml);
  const labels = new Map<string, Label[]>();
  const note = (href: string | undefined, title: string, depth: number): void => {
    if (href === undefined || title === '') return;
    const [address, fragment] = href.split('#');
    const target = resolvePath(address, path);
    const known = labels.get(target) ?? [];
    if (known.length < 100)
      labels.set(target, [...known, { title, depth, isInside: fragment !== undefined }]);
  };
  const map = findElement(root, 'navMap');
  if (map) readPoints(map, 0, note);
  else readLists(tocOf(root), 0, note);
  return new Map(
    [...labels].flatMap(([target, found]) => {
      const title = titleOf(found);
      return title === undefined ? [] : [[target, title] as const];
    }),
  );
}

type Note = (href: string | undefined, title: string, depth: number) => void;

function readPoints(parent: XmlElement, depth: number, note: Note): void {
  for (const point of childrenOf(parent, 'navPoint')) {
    const label = childrenOf(point, 'navLabel')[0];
    note(childrenOf(point, 'content')[0]?.attributes.src, label ? plain(label) : '', depth);
    readPoints(point, depth + 1, note);
  }
}

function tocOf(root: XmlElement): XmlElement | undefined {
  const navs = [...findElements(root, 'nav')];
  return navs.find((nav) =>
    /(?:^|\s)toc(?:\s|$)/.test(nav.attributes['epub:type'] ?? nav.attributes.role ?? ''),
  );
}

function readLists(parent: XmlElement | undefined, depth: number, note: Note): void {
  for (const child of parent?.children ?? []) {
    if (typeof child === 'string') continue;
    if (child.name === 'a') note(child.attributes.href, plain(child), depth);
    else readLists(child, child.name === 'ol' ? depth + 1 : depth, note);
  }
}

const plain = (element: XmlElement): string => textOf(element).replace(/\s+/g, ' ').trim();

function titleOf(labels: readonly Label[]): string | undefined {
  const outermost = Math.min(...labels.map(({ depth }) => depth));
  const whole = labels.filter(({ depth }) => depth === outermost);
  return whole.length === 1 ? whole[0].title : undefined;
}

const fewLetters = 200;

/** True for a document that holds links to chapters and next to nothing else. */
export function isContentsPage(xml: string): boolean {
  const root = parseXml(xml);
  const body = findElement(root, 'body') ?? root;
  const letters = (elements: Iterable<XmlElement>): number =>
    [...elements].reduce((sum, element) => sum + plain(element).length, 0);
  const navs = [...findElements(body, 'nav')];
  const others = [...findElements(body, 'a')].filter(({ attributes }) => attributes.href !== undefined);
  const linked = navs.length > 0 ? letters(navs) : letters(others);
  const rest = plain(body).length - linked;
  return linked > 0 && (rest < fewLetters || rest < linked / 2);
}
