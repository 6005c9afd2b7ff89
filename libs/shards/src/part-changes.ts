// What differs between two parts of one table, by row group first: groups whose keys and chosen columns have equal
// digests are not read. Both parts are sorted by key; only tables with unique keys can be compared.

import { canonicalJson, type Json, type Value } from '@gristmill/core';
import type { FooterGroup, PartFooter } from './part-footer.ts';
import type { StoredPart } from './part-reader.ts';
import type { Batch, Change } from './table.ts';

/** Runs of row groups of either part, between two borders that both have. `same`: nothing in it differs. */
export interface GroupSpan {
  readonly previous: readonly number[];
  readonly current: readonly number[];
  readonly same: boolean;
}

/** Walks the row groups of two parts by prefix: groups of one prefix face each other, a split or merged one faces several. */
export function* groupSpans(
  previous: readonly FooterGroup[],
  current: readonly FooterGroup[],
  isSame: (previous: FooterGroup, current: FooterGroup) => boolean,
): Generator<GroupSpan> {
  let [i, j] = [0, 0];
  while (i < previous.length || j < current.length) {
    const [p, c] = [previous[i], current[j]] as (FooterGroup | undefined)[];
    if (p && c && p.prefix === c.prefix) {
      yield { previous: [i++], current: [j++], same: isSame(p, c) };
    } else if (p && c && c.prefix.startsWith(p.prefix)) {
      const from = j;
      while (j < current.length && current[j].prefix.startsWith(p.prefix)) j++;
      yield { previous: [i++], current: range(from, j), same: false };
    } else if (p && c && p.prefix.startsWith(c.prefix)) {
      const from = i;
      while (i < previous.length && previous[i].prefix.startsWith(c.prefix)) i++;
      yield { previous: range(from, i), current: [j++], same: false };
    } else if (!c || (p && p.prefix < c.prefix)) yield { previous: [i++], current: [], same: false };
    else yield { previous: [], current: [j++], same: false };
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** Compares two groups' key and columns by digest. Columns may lie at other positions in the two files. */
export function sameColumns(previous: PartFooter, current: PartFooter, columns: readonly string[]) {
  const pairs = [current.key, ...columns].map((name) => [
    previous.columns.findIndex((column) => column.name === name),
    current.columns.findIndex((column) => column.name === name),
  ]);
  return (a: FooterGroup, b: FooterGroup): boolean => pairs.every(([i, j]) => a.digests[i] === b.digests[j]);
}

export async function* changesBetween(
  previous: StoredPart | undefined,
  current: StoredPart,
  columns: readonly string[],
): AsyncGenerator<Change> {
  if (!previous || previous.rows === 0) {
    for await (const batch of current.batches([])) for (const key of batch.keys) yield { key, kind: 'added' };
    return;
  }
  if (current.rows === 0) {
    for await (const batch of previous.batches([]))
      for (const key of batch.keys) yield { key, kind: 'removed' };
    return;
  }
  if (['id', ...columns].every((name) => previous.digests[name] === current.digests[name])) return;
  const [before, after] = [await previous.footer(), await current.footer()];
  for (const span of groupSpans(before.groups, after.groups, sameColumns(before, after, columns))) {
    if (span.same) continue;
    const [old, now] = [
      await placeRows(previous, span.previous, columns),
      await placeRows(current, span.current, columns),
    ];
    yield* compareRows(old, now, columns);
  }
}

/** A row in its batch. */
interface RowPlace {
  readonly batch: Batch;
  readonly row: number;
}

function* compareRows(
  old: ReadonlyMap<string, RowPlace>,
  now: ReadonlyMap<string, RowPlace>,
  columns: readonly string[],
): Generator<Change> {
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [before, after] = [old.get(key), now.get(key)];
    if (!before) yield { key, kind: 'added' };
    else if (!after) yield { key, kind: 'removed' };
    else if (!columns.every((name) => sameValue(valueAt(before, name), valueAt(after, name))))
      yield { key, kind: 'changed' };
  }
}

const valueAt = ({ batch, row }: RowPlace, name: string): Value => batch.columns[name][row];

async function placeRows(
  part: StoredPart,
  groups: readonly number[],
  columns: readonly string[],
): Promise<Map<string, RowPlace>> {
  const places = new Map<string, RowPlace>();
  for (const group of groups) {
    const batch = await part.readGroup(group, columns);
    for (let row = 0; row < batch.rows; row++) places.set(batch.keys[row], { batch, row });
  }
  return places;
}

/** Equal as they would be written. */
export function sameValue(a: Value, b: Value): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (typeof a === 'object' && a !== null)
    return typeof b === 'object' && canonicalJson(a as Json) === canonicalJson(b as Json);
  return Object.is(a, b);
}
