// What differs between two parts of which one was made from the other by a patch: known without reading either, as long as
// this thread remembers it or is told. Nothing depends on it but time: what is not known is compared.

import type { Change } from './table.ts';

/** `columns`: of a changed row, those that differ. */
export type KnownChange = Change & { readonly columns?: readonly string[] };

export interface PartChanges {
  /** SHA-256 of the two files. */
  readonly previous: string;
  readonly current: string;
  /** In the order of keys, which are unique. */
  readonly changes: readonly KnownChange[];
}

/** Of all changes that are remembered; one takes some hundred bytes. */
const mostChanges = 200_000;

const known = new Map<string, PartChanges>();
let held = 0;

const nameOf = (previous: string, current: string): string => `${previous} ${current}`;

export function rememberChanges(part: PartChanges): void {
  const name = nameOf(part.previous, part.current);
  if (known.has(name) || part.changes.length > mostChanges) return;
  known.set(name, part);
  held += part.changes.length + 1;
  for (const [oldest, { changes }] of known) {
    if (held <= mostChanges) break;
    known.delete(oldest);
    held -= changes.length + 1;
  }
}

export function knownChanges(previous: string, current: string): readonly KnownChange[] | undefined {
  return known.get(nameOf(previous, current))?.changes;
}

/** What is remembered of these parts, to be told to another thread. */
export function changesOf(currents: ReadonlySet<string>): PartChanges[] {
  return [...known.values()].filter(({ current }) => currents.has(current));
}
