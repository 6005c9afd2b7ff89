// Pages and footers that this thread read or wrote lately, by digest. An update meets the same row groups again and again:
// as the earlier and the new version of a table, as output of one step and input of the next, and the same ids in all tables.

import type { PartFooter } from './part-footer.ts';
import type { RawPage } from './raw-page.ts';

/** Of the pages' bytes that are held at most. */
const mostBytes = 8 << 20;
const mostFooters = 16;
/** What a page takes beside its bytes. */
const pageBytes = 200;

// Two generations: what is asked for moves to the young one, and the old one goes as a whole when the young is full.
let young = new Map<string, RawPage>();
let old = new Map<string, RawPage>();
let youngBytes = 0;

/** @param name digest of the chunk and type of the column */
export function keptPage(name: string): RawPage | undefined {
  const page = young.get(name);
  if (page) return page;
  const found = old.get(name);
  if (found) keepPage(name, found);
  return found;
}

/** @param page with bytes of its own: what it is a view of is held with it */
export function keepPage(name: string, page: RawPage): void {
  young.set(name, page);
  youngBytes += page.plain.length + page.starts.byteLength + pageBytes;
  if (youngBytes * 2 < mostBytes) return;
  [old, young, youngBytes] = [young, new Map(), 0];
}

const footers = new Map<string, PartFooter>();

/** @param digest as the marker has it */
export function keptFooter(digest: string): PartFooter | undefined {
  const footer = footers.get(digest);
  if (footer) {
    footers.delete(digest);
    footers.set(digest, footer);
  }
  return footer;
}

export function keepFooter(digest: string, footer: PartFooter): void {
  footers.set(digest, footer);
  if (footers.size > mostFooters) footers.delete(footers.keys().next().value!);
}
