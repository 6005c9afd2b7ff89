// What a package document says of its book: title, authors, date, language, rights. Dublin Core with the refinements of
// EPUB 3 (`refines`) and the attributes of EPUB 2 (`opf:role`, `opf:event`).

import type { Metadata } from '@gristmill/core';
import { findElement, findElements, parseDate, textOf, type XmlElement } from '@gristmill/markup';

/** Facts of the whole book; empty where it has no metadata. */
export function readBookMetadata(root: XmlElement): Metadata {
  const metadata = findElement(root, 'metadata');
  if (!metadata) return {};
  const refined = readRefinements(metadata);
  const elements = (name: string): XmlElement[] =>
    [...findElements(metadata, name)].filter((element) => plain(element) !== '');
  const first = (name: string): string | undefined => elements(name).map(plain)[0];
  const licence = [...findElements(metadata, 'link')].find(({ attributes }) =>
    /\blicen[cs]e\b/.test(attributes.rel ?? ''),
  );
  const titles = elements('title');
  const main = titles.find((title) => refined(title, 'title-type') === 'main') ?? titles[0];
  const given = {
    title: main && plain(main),
    author: authorsOf(elements('creator'), refined),
    date: dateOf(elements('date')),
    language: first('language'),
    licence: first('rights') ?? licence?.attributes.href,
    siteName: first('publisher'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const plain = (element: XmlElement): string => textOf(element).replace(/\s+/g, ' ').trim();

type Refined = (element: XmlElement, property: string) => string | undefined;

/** `<meta refines="#id" property="role">aut</meta>` by id and property. */
function readRefinements(metadata: XmlElement): Refined {
  const found = new Map<string, string>();
  for (const meta of findElements(metadata, 'meta')) {
    const { refines, property } = meta.attributes;
    if (refines !== undefined && property !== undefined) found.set(`${refines} ${property}`, plain(meta));
  }
  return ({ attributes }, property) => found.get(`#${attributes.id} ${property}`);
}

/** Those whom the book calls authors; all creators where it says of nobody what he did. */
function authorsOf(creators: readonly XmlElement[], refined: Refined): string | undefined {
  const roleOf = (creator: XmlElement): string | undefined =>
    refined(creator, 'role') ?? creator.attributes['opf:role'] ?? creator.attributes.role;
  const authors = creators.filter((creator) => roleOf(creator)?.toLowerCase() === 'aut');
  const names = (authors.length > 0 ? authors : creators).map(plain);
  return [...new Set(names)].join('; ') || undefined;
}

const events = ['original-publication', 'publication', 'creation'];

/** When the text was published: what a converter did to the file later is no date of the book. */
function dateOf(dates: readonly XmlElement[]): string | undefined {
  const ranked = dates
    .map((element) => {
      const event = (element.attributes['opf:event'] ?? element.attributes.event ?? '').toLowerCase();
      return { date: readDate(plain(element)), rank: event === '' ? events.length : events.indexOf(event) };
    })
    .filter(({ date, rank }) => date !== undefined && rank >= 0)
    .sort((a, b) => a.rank - b.rank);
  return ranked[0]?.date;
}

/** A year, a month or a day; Calibre writes the year 101 where it knows none. */
function readDate(written: string): string | undefined {
  const [, year, month, day] = /^(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?(?!\d)/.exec(written) ?? [];
  if (year === undefined) return parseDate(written);
  if (Number(year) < 1000) return undefined;
  const isMonth = Number(month) >= 1 && Number(month) <= 12;
  const isDay = isMonth && Number(day) >= 1 && Number(day) <= 31;
  return [year, isMonth && month, isDay && day].filter(Boolean).join('-');
}
