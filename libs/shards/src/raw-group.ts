// A row group as its chunks' bytes. A column is decompressed when it is first asked for, and a value made only for the row
// that is asked for.

import type { Column, Value } from '@gristmill/core';
import { unpackPage } from './column-page.ts';
import { keepPage, keptPage } from './kept-pages.ts';
import type { FooterGroup, PartFooter } from './part-footer.ts';
import { hexOf } from './raw-values.ts';
import { lengthBytes, ownRawPage, rawValue, sumBytes, type RawPage } from './raw-page.ts';

export interface RawGroup {
  readonly footer: FooterGroup;
  readonly rows: number;
  key(row: number): string;
  /** The first row whose key is not less; `rows` when there is none. */
  rowFrom(key: string): number;
  /** Undefined for a column that the part lacks. */
  page(column: string): RawPage | undefined;
  value(column: string, row: number): Value;
  /** Whether any of some rows has a value. */
  hasValues(column: string, from: number, to: number): boolean;
  /** Bytes of the texts or byte arrays of some rows. */
  sumBytes(column: string, from: number, to: number): number;
  /** Digest of the column's chunk. */
  digest(column: string): string | undefined;
  /** A column as it lies in the file, with what it would be without compression. */
  stored(column: string): { readonly bytes: Uint8Array; readonly rawBytes: number } | undefined;
}

export interface GroupContent {
  /** Column → its chunk, whose digest was checked. */
  readonly stored?: ReadonlyMap<string, Uint8Array>;
  /** Column → its page, where that is known already. */
  readonly pages?: ReadonlyMap<string, RawPage>;
}

export function createRawGroup(part: PartFooter, index: number, content: GroupContent): RawGroup {
  const footer = part.groups[index];
  const places = placesOf(part);
  const pages = new Map(content.pages);
  const page = (name: string): RawPage | undefined => {
    const known = pages.get(name);
    if (known) return known;
    const place = places.get(name);
    if (place === undefined) return undefined;
    const column = part.columns[place];
    const found = keptPage(pageName(column, footer.digests[place])) ?? unpack(name, column, place);
    if (found) pages.set(name, found);
    return found;
  };
  const unpack = (name: string, column: Column, place: number): RawPage | undefined => {
    const bytes = content.stored?.get(name);
    if (!bytes) return undefined;
    const own = ownRawPage(column, unpackPage(bytes));
    keepPage(pageName(column, footer.digests[place]), own);
    return own;
  };
  const key = (row: number): string => {
    return hexOf(page(part.key)!, row);
  };
  return {
    footer,
    rows: footer.rows,
    key,
    rowFrom: (wanted) => rowFrom(page(part.key)!, wanted),
    page,
    value(name, row) {
      const found = page(name);
      return found && rawValue(part.columns[places.get(name)!], found, row);
    },
    hasValues(name, from, to) {
      const found = page(name);
      return found !== undefined && found.starts[from] < found.starts[to];
    },
    sumBytes(name, from, to) {
      const found = page(name);
      return found ? sumBytes(found, from, to) : 0;
    },
    digest(name) {
      const place = places.get(name);
      return place === undefined ? undefined : footer.digests[place];
    },
    stored(name) {
      const bytes = content.stored?.get(name);
      return bytes && { bytes, rawBytes: footer.rawSizes[places.get(name)!] };
    },
  };
}

/** Pages are kept by the digest of their chunk, whose bytes may mean something else in a column of fixed width. */
export function pageName({ type }: Column, digest: string): string {
  return type === 'string' || type === 'json' || type === 'bytes' ? digest : `${digest} ${type}`;
}

const placesByFooter = new WeakMap<PartFooter, Map<string, number>>();

/** Column → its place in the file. */
function placesOf(part: PartFooter): Map<string, number> {
  let places = placesByFooter.get(part);
  if (!places) {
    places = new Map(part.columns.map(({ name }, place) => [name, place]));
    placesByFooter.set(part, places);
  }
  return places;
}

/** The pages of these columns, as far as the part has them, when all are known already. */
export function knownPages(
  part: PartFooter,
  index: number,
  columns: Iterable<string>,
): Map<string, RawPage> | undefined {
  const places = placesOf(part);
  const pages = new Map<string, RawPage>();
  for (const name of columns) {
    const place = places.get(name);
    if (place === undefined) continue;
    const page = keptPage(pageName(part.columns[place], part.groups[index].digests[place]));
    if (!page) return undefined;
    pages.set(name, page);
  }
  return pages;
}

function rowFrom({ rows, plain, starts }: RawPage, key: string): number {
  const wanted = Buffer.from(key, 'latin1');
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const isBefore =
      plain.compare(wanted, 0, wanted.length, starts[middle] + lengthBytes, starts[middle + 1]) < 0;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
