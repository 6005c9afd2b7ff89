// Values of raw pages (the bytes of a table's columns) one by one: for loops over whole tables that make no object a row.
// All but `isPresent` are asked for values that are there.

import { lengthBytes, type RawPage } from './raw-page.ts';

export { isPresent } from './raw-page.ts';

/** @returns 0 when two texts are equal, else their order; made for keys, whose first bytes differ */
export function compareTexts(a: RawPage, i: number, b: RawPage, j: number): number {
  const [from, end] = [a.starts[i] + lengthBytes, a.starts[i + 1]];
  const shift = b.starts[j] + lengthBytes - from;
  const last = Math.min(end, b.starts[j + 1] - shift);
  for (let at = from; at < last; at++) {
    const difference = a.plain[at] - b.plain[at + shift];
    if (difference !== 0) return difference;
  }
  return end - (b.starts[j + 1] - shift);
}

export function textOf({ plain, starts }: RawPage, row: number): string {
  return plain.toString('utf8', starts[row] + lengthBytes, starts[row + 1]);
}

/** Of hex digits, as ids and hashes are. */
export function hexOf({ plain, starts }: RawPage, row: number): string {
  return plain.toString('latin1', starts[row] + lengthBytes, starts[row + 1]);
}

export function integerOf({ plain, starts }: RawPage, row: number): number {
  return plain.readInt32LE(starts[row]);
}

export function doubleOf({ plain, starts }: RawPage, row: number): number {
  return plain.readDoubleLE(starts[row]);
}

export function booleanOf({ plain, starts }: RawPage, row: number): boolean {
  return plain[starts[row]] === 1;
}
