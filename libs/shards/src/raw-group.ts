// A row group as its chunks' bytes. A column is decompressed when it is first asked for, and a value made only for the row
// that is asked for.

import type { Column, Value } from '@gristmill/core';
import type { FooterGroup, PartFooter } from './part-footer.ts';
import { rawValue, readRawPage, valueBytes, type RawPage } from './raw-page.ts';

export interface RawGroup {
  readonly footer: FooterGroup;
  readonly rows: number;
  keys(): readonly string[];
  /** Undefined for a column that the part lacks. */
  page(column: string): RawPage | undefined;
  value(column: string, row: number): Value;
  /** Bytes of a text or byte array; 0 where there is none. */
  valueBytes(column: string, row: number): number;
  /** A column as it lies in the file, with what it would be without compression. */
  stored(column: string): { readonly bytes: Uint8Array; readonly rawBytes: number } | undefined;
}

/** @param stored column → its chunk, whose digest was checked */
export function createRawGroup(
  part: PartFooter,
  index: number,
  stored: ReadonlyMap<string, Uint8Array>,
): RawGroup {
  const footer = part.groups[index];
  const described = new Map(part.columns.map((column, place) => [column.name, { column, place }]));
  const pages = new Map<string, RawPage>();
  const page = (name: string): RawPage | undefined => {
    const bytes = stored.get(name);
    if (!bytes) return undefined;
    let known = pages.get(name);
    if (!known) pages.set(name, (known = readRawPage(described.get(name)!.column, bytes)));
    return known;
  };
  const columnOf = (name: string): Column => described.get(name)!.column;
  let keys: string[] | undefined;
  return {
    footer,
    rows: footer.rows,
    keys: () => (keys ??= keysOf(page(part.key)!)),
    page,
    value(name, row) {
      const found = page(name);
      return found && rawValue(columnOf(name), found, row);
    },
    valueBytes(name, row) {
      const found = page(name);
      return found ? valueBytes(found, row) : 0;
    },
    stored(name) {
      const bytes = stored.get(name);
      return bytes && { bytes, rawBytes: footer.rawSizes[described.get(name)!.place] };
    },
  };
}

function keysOf({ rows, plain, starts }: RawPage): string[] {
  return Array.from({ length: rows }, (_, row) => plain.toString('latin1', starts[row] + 4, starts[row + 1]));
}
