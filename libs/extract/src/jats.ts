// JATS, the XML of scientific articles (NISO Z39.96): title, authors, date, licence, then abstract and body with
// headings, lists, tables, captions, formulas and quotes. References and footnotes stand apart; what is said of authors and
// funding stays out.

import {
  childrenOf,
  collapseSpace,
  findElement,
  findElements,
  parseXml,
  type XmlElement,
} from '@gristmill/markup';
import { createWriter, type DocumentWriter } from './document-writer.ts';
import { formulaText, inlineText, rawInline, rawText, unread } from './jats-inline.ts';
import { readNotes, readReferences } from './jats-references.ts';
import type { ExtractedText } from './extract-document.ts';
import type { TextFormat } from './render.ts';

/** Reads one article. */
export function extractJats(source: string, format: TextFormat = 'text'): ExtractedText {
  const root = parseXml(source);
  const article = findElement(root, 'article') ?? root;
  const meta = findElement(article, 'article-meta');
  const writer = createWriter(format);
  const title = optional(inlineText(meta && findElement(meta, 'article-title')));
  if (title !== undefined) writer.heading(1, title);
  for (const abstract of meta ? childrenOf(meta, 'abstract') : []) writeSection(abstract, 2, writer);
  for (const body of childrenOf(article, 'body')) writeBlocks(body, 2, writer);
  const back = findElement(article, 'back');
  for (const part of back ? childrenOf(back, 'ack').concat(appendices(back)) : [])
    writeSection(part, 2, writer);
  const references = back ? readReferences(back) : [];
  const notes = back ? readNotes(back) : [];
  return {
    text: writer.finish(),
    title,
    ...readJatsMetadata(article, meta),
    ...(references.length > 0 && { references: references.join('\n') }),
    ...(notes.length > 0 && { notes: notes.join('\n\n') }),
  };
}

function appendices(back: XmlElement): XmlElement[] {
  return [...findElements(back, 'app')];
}

function readJatsMetadata(
  article: XmlElement,
  meta: XmlElement | undefined,
): Omit<ExtractedText, 'text' | 'title'> {
  const journal = findElement(article, 'journal-title');
  const language = article.attributes['xml:lang']?.toLowerCase();
  return {
    author: meta && optional(authorsOf(meta).join('; ')),
    date: meta && dateOf(meta),
    licence: meta && licenceOf(meta),
    siteName: optional(inlineText(journal)),
    language: language === undefined || language === '' ? undefined : language,
  };
}

function optional(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function authorsOf(meta: XmlElement): string[] {
  const names: string[] = [];
  for (const group of childrenOf(meta, 'contrib-group')) {
    for (const contributor of childrenOf(group, 'contrib')) {
      if ((contributor.attributes['contrib-type'] ?? 'author') !== 'author') continue;
      const name = findElement(contributor, 'name');
      const text = name === undefined ? inlineText(findElement(contributor, 'collab')) : personName(name);
      if (text !== '') names.push(text);
    }
  }
  return names;
}

function personName(name: XmlElement): string {
  return ['given-names', 'surname', 'suffix']
    .map((part) => inlineText(findElement(name, part)))
    .filter(Boolean)
    .join(' ');
}

const dateKinds = ['epub', 'pub', 'ppub', 'collection'];

/** The earliest kind of publication date that is there, as YYYY, YYYY-MM or YYYY-MM-DD. */
function dateOf(meta: XmlElement): string | undefined {
  const dates = childrenOf(meta, 'pub-date');
  const kindOf = (date: XmlElement) => date.attributes['pub-type'] ?? date.attributes['date-type'] ?? '';
  const chosen =
    dateKinds.map((kind) => dates.find((date) => kindOf(date) === kind)).find((date) => date !== undefined) ??
    dates[0];
  if (chosen === undefined) return undefined;
  const parts = ['year', 'month', 'day'].map((part) => inlineText(findElement(chosen, part)));
  const known = parts.findIndex((part) => !/^\d+$/.test(part));
  const date = parts
    .slice(0, known < 0 ? 3 : known)
    .map((part) => part.padStart(2, '0'))
    .join('-');
  return optional(date);
}

function licenceOf(meta: XmlElement): string | undefined {
  const licence = findElement(meta, 'license');
  if (licence === undefined) return undefined;
  const links = [
    licence.attributes['xlink:href'],
    ...[...findElements(licence, 'ext-link')].map((link) => link.attributes['xlink:href']),
  ];
  return links.find((link) => link !== undefined && /^https?:/.test(link)) ?? optional(inlineText(licence));
}

/** A section: its title as a heading, then what it holds. */
function writeSection(section: XmlElement, level: number, writer: DocumentWriter): void {
  const title = inlineText(childrenOf(section, 'title')[0]);
  if (title !== '') writer.heading(level, title);
  writeBlocks(section, title === '' ? level : level + 1, writer);
}

function writeBlocks(parent: XmlElement, level: number, writer: DocumentWriter): void {
  for (const child of parent.children) {
    if (typeof child === 'string') {
      if (child.trim() !== '') writer.paragraph(collapseSpace(child));
    } else if (!unread.has(child.name)) writeBlock(child, level, writer);
  }
}

function writeBlock(element: XmlElement, level: number, writer: DocumentWriter): void {
  switch (element.name) {
    case 'sec':
    case 'app':
    case 'boxed-text':
      return writeSection(element, level, writer);
    case 'p':
      return writeParagraph(element, level, writer);
    case 'list':
    case 'def-list':
      return writeList(element, writer);
    case 'disp-quote':
    case 'verse-group':
      return writer.quote(inlineText(element));
    case 'preformat':
    case 'code':
      return writer.code(rawText(element));
    case 'table-wrap':
    case 'fig':
      return writeFloat(element, writer);
    case 'disp-formula':
      return writer.paragraph(formulaText(element));
    case 'fig-group':
    case 'sec-group':
    case 'supplementary-material':
    case 'body':
      return writeBlocks(element, level, writer);
    default:
      return writer.paragraph(inlineText(element));
  }
}

const blocksInParagraphs = new Set([
  'list',
  'def-list',
  'disp-quote',
  'table-wrap',
  'fig',
  'boxed-text',
  'preformat',
  'fig-group',
]);

/** A paragraph may hold lists and figures: the text before and after them is written as paragraphs of its own. */
function writeParagraph(element: XmlElement, level: number, writer: DocumentWriter): void {
  let text = '';
  for (const child of element.children) {
    if (typeof child === 'string' || !blocksInParagraphs.has(child.name)) {
      text += typeof child === 'string' ? child : rawInline(child);
      continue;
    }
    writer.paragraph(collapseSpace(text));
    text = '';
    writeBlock(child, level, writer);
  }
  writer.paragraph(collapseSpace(text));
}

function writeList(list: XmlElement, writer: DocumentWriter): void {
  const ordered = list.attributes['list-type'] === 'order';
  let number = 0;
  for (const item of list.children) {
    if (typeof item === 'string' || item.name === 'title') continue;
    const parts =
      item.name === 'def-item'
        ? ['term', 'def'].map((part) => inlineText(findElement(item, part)))
        : [inlineText(item)];
    writer.item(parts.join(': '), ordered ? `${++number}.` : '-');
  }
}

/** A figure or table: its label with its caption, then the rows. */
function writeFloat(float: XmlElement, writer: DocumentWriter): void {
  const caption = findElement(float, 'caption');
  const label = inlineText(childrenOf(float, 'label')[0]);
  const said =
    caption === undefined
      ? ''
      : caption.children
          .map((part) => (typeof part === 'string' ? collapseSpace(part).trim() : inlineText(part)))
          .filter(Boolean)
          .join(' ');
  writer.paragraph([label, said].filter(Boolean).join('. ').replace(/\.\. /, '. '));
  for (const row of findElements(float, 'tr')) {
    const cells = row.children.filter((cell): cell is XmlElement => typeof cell !== 'string');
    writer.row(cells.map(inlineText), cells.length > 0 && cells.every((cell) => cell.name === 'th'));
  }
}
