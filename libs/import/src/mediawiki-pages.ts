// The pages of a MediaWiki export (mediawiki.org/xml/export-0.11), cut out of its bytes: text stands escaped in it, so the
// tags around a page are nowhere else. A page without its end costs that page.

import { childrenOf, findElement, parseXml, textOf, type XmlElement } from '@gristmill/markup';

export interface WikiPage {
  readonly title: string;
  readonly namespace: number;
  readonly redirect?: string;
  /** Of the last revision. */
  readonly date?: string;
  readonly model: string;
  /** Undefined where it was deleted from the public. */
  readonly text?: string;
}

/** Bytes of a page with its tags, or why they cannot be had. */
export type PagePiece = Buffer | 'damaged' | 'too-large' | 'truncated';

const [open, close, end] = ['<page>', '</page>', '</mediawiki>'].map((tag) => Buffer.from(tag));
const mostPageBytes = 128 * 2 ** 20;

/**
 * Pieces in order. The last is `truncated` where a page, or the export, has no end.
 * @param isOwn whether the page that begins at this offset of all chunks is wanted; the first that is not ends the reading
 */
export async function* cutPages(
  chunks: AsyncIterable<Uint8Array>,
  isOwn: (offset: number) => boolean = () => true,
): AsyncGenerator<PagePiece> {
  const cutter = createCutter(isOwn);
  // A long page is joined only when it grew by a quarter.
  let [later, length]: [Uint8Array[], number] = [[], 0];
  for await (const chunk of chunks) {
    later.push(chunk);
    if ((length += chunk.length) * 4 < cutter.held()) continue;
    yield* cutter.push(Buffer.concat(later));
    [later, length] = [[], 0];
    if (cutter.isDone()) return;
  }
  yield* cutter.push(Buffer.concat(later));
  if (!cutter.isDone() && cutter.isCut()) yield 'truncated';
}

function createCutter(isOwn: (offset: number) => boolean) {
  let held: Buffer = Buffer.alloc(0);
  /** Where in all chunks `held` begins, how much of it was looked at, whether it begins inside a page, given up or not. */
  let [offset, seen, isInside, isLost] = [0, 0, false, false];
  let [isEnded, isDone] = [false, false];
  const drop = (count: number): void => {
    held = held.subarray(count);
    offset += count;
    seen = 0;
  };
  /** To the next page. @returns false where none begins in what is held */
  const enter = (): boolean => {
    isEnded ||= held.includes(end);
    const at = held.indexOf(open);
    if (at < 0) drop(Math.max(0, held.length - end.length + 1));
    if (at < 0) return false;
    drop(at);
    isDone = !isOwn(offset);
    [isInside, isLost, isEnded, seen] = [true, false, false, open.length];
    return !isDone;
  };
  return {
    held: () => held.length,
    isDone: () => isDone,
    isCut: () => isInside || !isEnded,
    *push(bytes: Buffer): Generator<PagePiece> {
      held = Buffer.concat([held, bytes]);
      while (isInside || enter()) {
        const from = Math.max(open.length, seen - close.length);
        const [at, next] = [held.indexOf(close, from), held.indexOf(open, from)];
        const isBroken = next >= 0 && (at < 0 || next < at);
        if (at < 0 && !isBroken) {
          seen = held.length;
          if (held.length <= mostPageBytes) return;
          if (!isLost) yield 'too-large';
          isLost = true;
          drop(held.length - close.length);
          return;
        }
        if (!isLost) yield isBroken ? 'damaged' : held.subarray(0, at + close.length);
        drop(isBroken ? next : at + close.length);
        isInside = false;
      }
    },
  };
}

/** Undefined for what is no page: it has no title or no revision. */
export function readPage(bytes: Buffer): WikiPage | undefined {
  const page = findElement(parseXml(bytes.toString()), 'page');
  const title = page && childText(page, 'title')?.trim();
  const revision = page && childrenOf(page, 'revision').at(-1);
  if (!page || !title || !revision) return undefined;
  const [text] = childrenOf(revision, 'text');
  const words = text && text.attributes['deleted'] === undefined ? textOf(text) : undefined;
  const [mark] = childrenOf(page, 'redirect');
  // Old exports have no element for it.
  const redirect = mark ? (mark.attributes['title'] ?? '') : redirectStart.exec(words ?? '')?.[1];
  const date = childText(revision, 'timestamp')?.trim();
  return {
    title,
    namespace: Number(childText(page, 'ns') ?? 0),
    ...(redirect !== undefined && { redirect }),
    ...(date !== undefined && { date }),
    model: childText(revision, 'model')?.trim() ?? 'wikitext',
    ...(words !== undefined && { text: words }),
  };
}

const redirectStart =
  /^\s*#\s*(?:redirect|weiterleitung|redirection|redirecci[oó]n|rinvia|doorverwijzing|patrz|przekieruj|перенаправление|перенаправлення|転送|重定向)\s*:?\s*\[\[([^\]|]*)/i;

function childText(parent: XmlElement, name: string): string | undefined {
  const [found] = childrenOf(parent, name);
  return found && textOf(found);
}

export interface WikiSite {
  readonly name?: string;
  /** Address of its main page. */
  readonly base?: string;
  readonly language?: string;
}

/** What stands before the pages. */
export function readSite(head: string): WikiSite {
  const root = findElement(parseXml(head.split('<page>', 1)[0]), 'mediawiki');
  const info = root && findElement(root, 'siteinfo');
  const [name, base] = ['sitename', 'base'].map((tag) => info && childText(info, tag)?.trim());
  const language = root?.attributes['xml:lang'];
  return { ...(name && { name }), ...(base && { base }), ...(language && { language }) };
}

/** @example pageUrl('https://en.wikipedia.org/wiki/Main_Page', 'Grist mill') // 'https://en.wikipedia.org/wiki/Grist_mill' */
export function pageUrl(base: string, title: string): string | undefined {
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) return undefined;
  const name = encodeURIComponent(title.replaceAll(' ', '_')).replace(
    /%(?:2F|3A|2C|28|29|21|2A|27|40|24|3B)/g,
    decodeURIComponent,
  );
  return `${base.slice(0, base.lastIndexOf('/') + 1)}${name}`;
}
