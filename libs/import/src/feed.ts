// Feeds: RSS 0.9 to 2.0, RDF, Atom and CDF, an item for each entry. Forgiving, since a third of the feeds out there is
// ill-formed: names are taken whatever their case and namespace, the fuller text wins over the summary.

import type { Metadata, RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { innerXml, parseXml, textOf, type XmlElement } from '@gristmill/markup';
import { canonicalUrl, decodeText } from '@gristmill/text';
import { fileContent, readAll, type Content } from './content.ts';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  failed,
  groupOf,
  isBinary,
  withoutNuls,
  type Place,
} from './import-item.ts';
import { parseJsonFeed } from './json-feed.ts';
import { unpack } from './unpack.ts';

export interface FeedEntry {
  /** guid, id or link; undefined when the entry has none. */
  readonly id?: string;
  readonly title?: string;
  readonly link?: string;
  readonly author?: string;
  /** As written. */
  readonly date?: string;
  /** Markup unless `isPlain`. */
  readonly content: string;
  readonly isPlain: boolean;
  readonly language?: string;
}

export interface Feed {
  readonly title?: string;
  readonly language?: string;
  readonly licence?: string;
  readonly entries: readonly FeedEntry[];
}

/** Undefined when the text holds no feed. Never throws. */
export function parseFeed(text: string): Feed | undefined {
  const root = parseXml(text);
  const top = elements(root).find((element) => /^(?:rss|rdf|feed|channel)$/i.test(element.name));
  if (!top) return undefined;
  const channel = child(top, 'channel') ?? top;
  const entries = [channel, ...(channel === top ? [] : [top])].flatMap((parent) =>
    elements(parent).filter((element) => /^(?:item|entry)$/i.test(element.name)),
  );
  const language = plain(channel, 'language') ?? top.attributes['xml:lang'];
  return {
    ...given({ title: titleOf(channel), language, licence: plain(channel, 'rights', 'copyright') }),
    entries: entries.map(readEntry),
  };
}

function readEntry(entry: XmlElement): FeedEntry {
  const link = linkOf(entry);
  const body = contentOf(entry);
  return {
    ...given({
      id: plain(entry, 'guid', 'id') ?? entry.attributes['rdf:about'] ?? link,
      title: titleOf(entry),
      link,
      author: authorOf(entry),
      date: plain(entry, 'published', 'pubdate', 'issued', 'date', 'created', 'updated', 'modified'),
      language: entry.attributes['xml:lang'],
    }),
    ...body,
  };
}

const bodies = 'encoded content body fullitem description summary abstract subtitle'.split(' ');

/** content:encoded, content, then the summaries, a podcast's last; the first that is not empty. */
function contentOf(entry: XmlElement): { content: string; isPlain: boolean } {
  const isAside = ({ prefix }: XmlElement): boolean => /^(?:media|itunes)$/i.test(prefix);
  const candidates = elements(entry)
    .map((element) => ({ element, rank: bodies.indexOf(element.name.toLowerCase()) }))
    .filter(({ rank }) => rank >= 0)
    .map(({ element, rank }) => ({ element, rank: isAside(element) ? rank + bodies.length : rank }))
    .sort((a, b) => a.rank - b.rank);
  for (const { element } of candidates) {
    const body = bodyOf(element);
    if (body.content.trim() !== '') return body;
  }
  return { content: '', isPlain: true };
}

function bodyOf(element: XmlElement): { content: string; isPlain: boolean } {
  const type = (element.attributes.type ?? '').toLowerCase();
  if (element.children.some((part) => typeof part !== 'string')) {
    return { content: innerXml(element), isPlain: false };
  }
  const content = decodedText(element);
  // Without a type Atom means text, and most who leave it out mean HTML.
  const isText = isPlainType(type) || (type === '' && element.name === 'content');
  return { content, isPlain: isText && (type !== '' || !/<\w[^<>]*>/.test(content)) };
}

function isPlainType(type: string): boolean {
  return type === 'text' || type === 'text/plain';
}

/** Atom 0.3 says base64 by `mode`, Atom 1.0 by a media type that is neither text nor XML. */
function decodedText(element: XmlElement): string {
  const { mode, type = '' } = element.attributes;
  const text = textOf(element);
  const isBinary = mode === undefined && type.includes('/') && !/^text\/|[+/]xml$|html/.test(type);
  const isBase64 = mode === 'base64' || (isBinary && /^[A-Za-z0-9+/=\s]+$/.test(text));
  return isBase64 ? decodeText(Buffer.from(text, 'base64'), { markup: 'html' }).text : text;
}

function titleOf(parent: XmlElement): string | undefined {
  const element = elements(parent).find(
    ({ name, prefix }) => name.toLowerCase() === 'title' && !/^media$/i.test(prefix),
  );
  if (!element) return undefined;
  return stripTags(decodedText(element), isPlainType(element.attributes.type ?? '')) || undefined;
}

/** Titles hold escaped markup unless they say that they are text. */
function stripTags(text: string, isPlain: boolean): string {
  if (isPlain || !/<[a-z!/]|&#?\w+;/i.test(text)) return text.replace(/\s+/g, ' ').trim();
  return textOf(parseXml(text)).replace(/\s+/g, ' ').trim();
}

function linkOf(entry: XmlElement): string | undefined {
  const links = elements(entry).filter(({ name }) => name.toLowerCase() === 'link');
  const isMain = ({ attributes }: XmlElement): boolean => (attributes.rel ?? 'alternate') === 'alternate';
  const atom = links.find((link) => link.attributes.href !== undefined && isMain(link));
  const rss = links.map((link) => textOf(link).trim()).find((text) => text !== '');
  const guid = child(entry, 'guid');
  const isLink = guid && guid.attributes.isPermaLink !== 'false' && /^https?:/.test(textOf(guid).trim());
  return (
    atom?.attributes.href.trim() ??
    rss ??
    (isLink ? textOf(guid).trim() : (entry.attributes.href ?? entry.attributes.HREF))
  );
}

function authorOf(entry: XmlElement): string | undefined {
  const element = child(entry, 'author') ?? child(entry, 'creator');
  if (!element) return undefined;
  const name = child(element, 'name');
  const text = textOf(name ?? element)
    .replace(/\s+/g, ' ')
    .trim();
  // RSS asks for `address (Name)`.
  return (/\(([^)]+)\)\s*$/.exec(text)?.[1] ?? text) || undefined;
}

function elements(parent: XmlElement): XmlElement[] {
  return parent.children.filter((part): part is XmlElement => typeof part !== 'string');
}

function child(parent: XmlElement, name: string): XmlElement | undefined {
  return elements(parent).find((element) => element.name.toLowerCase() === name);
}

function plain(parent: XmlElement, ...names: string[]): string | undefined {
  for (const name of names) {
    const element = child(parent, name);
    const text = element && textOf(element).trim();
    if (text) return text;
  }
  return undefined;
}

function given<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T &
    object as never;
}

/** Options: the facts of `files`. */
export const feedImporter: Importer = {
  name: 'feed',
  version: 4,
  description: 'RSS, RDF, Atom and JSON feeds: a document for each entry.',
  options: defaultsOptions,
  check: (options) => checkOptions('feed', options, defaultsOptions),
  async *items(file) {
    try {
      yield* feedItems(file, (await unpack(fileContent(file.location))).content);
    } catch (error) {
      yield failed(file, error);
    }
  },
};

/** Throws ContentError. */
export async function* feedItems(place: Place, content: Content): AsyncGenerator<RawItem> {
  const bytes = withoutNuls(await readAll(content));
  if (isBinary(bytes)) return yield createVerdict(place, 'binary');
  const { text } = decodeText(bytes, { markup: 'xml' });
  const feed = parseFeed(text) ?? parseJsonFeed(text);
  if (!feed) return yield createVerdict(place, 'no-feed');
  const nameOf = createNamer();
  for (const [index, entry] of feed.entries.entries()) {
    yield toItem(place, feed, entry, nameOf(entry.id ?? String(index)));
  }
}

function toItem(file: Place, feed: Feed, entry: FeedEntry, item: string): RawItem {
  const date = isoDate(entry.date);
  const metadata: Metadata = {
    ...defaultsOf(file.options),
    ...given({ title: entry.title, author: entry.author, date, siteName: feed.title, licence: feed.licence }),
    ...given({
      language: entry.language ?? feed.language,
      canonicalUrl: canonicalUrl(entry.link ?? ''),
    }),
  };
  const named = {
    item,
    url: metadata.canonicalUrl,
    metadata,
    group: groupOf(file),
  };
  const mediaType = entry.isPlain ? 'text/plain' : 'text/html';
  if (entry.content.trim() === '') return createVerdict(file, 'empty', { ...named, mediaType });
  const bytes = new TextEncoder().encode(entry.content);
  return createItem(file, { ...named, bytes, mediaType, charset: 'utf-8' });
}

/** RFC 822 or ISO 8601 to an ISO date; undefined for what says no day. */
function isoDate(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const iso = /^\s*(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/.exec(written);
  if (iso) return iso[0].trim();
  const mail =
    /(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{4}|\d\d)\b/i.exec(written);
  if (!mail) return undefined;
  const month = 'janfebmaraprmayjunjulaugsepoctnovdec'.indexOf(mail[2].toLowerCase()) / 3 + 1;
  const year = mail[3].length === 2 ? (Number(mail[3]) < 70 ? `20${mail[3]}` : `19${mail[3]}`) : mail[3];
  return `${year}-${String(month).padStart(2, '0')}-${mail[1].padStart(2, '0')}`;
}
