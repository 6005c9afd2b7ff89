// What differs between two parts of one table, by row group first: groups whose keys and chosen columns have equal
// digests are not read. Both parts are sorted by key; only tables with unique keys can be compared.

import type { FooterGroup, PartFooter } from './part-footer.ts';
import { knownChanges, type KnownChange } from './known-changes.ts';
import type { StoredPart } from './part-reader.ts';
import type { RawGroup } from './raw-group.ts';
import { isPresent, sameRow, type RawPage } from './raw-page.ts';
import type { Change } from './table.ts';

export { changesOf, rememberChanges, type PartChanges } from './known-changes.ts';

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

/**
 * Several steps ask for what changed in the same columns of the same two parts: answers are kept by content, as long as
 * they are few.
 */
const answers = new Map<string, Promise<Change[]>>();
const keptAnswers = 32;
const mostKept = 20_000;

export async function* changesBetween(
  previous: StoredPart | undefined,
  current: StoredPart,
  columns: readonly string[],
): AsyncGenerator<Change> {
  const names = [...new Set(columns)].sort();
  const known = previous && knownChanges(previous.entry.sha256, current.entry.sha256);
  if (known) yield* chooseChanges(known, names);
  else if (!previous || previous.rows === 0 || current.rows === 0)
    yield* compareParts(previous, current, names);
  else yield* await remember(previous, current, names);
}

function* chooseChanges(all: readonly KnownChange[], names: readonly string[]): Generator<Change> {
  for (const { key, kind, columns } of all)
    if (columns === undefined || names.some((name) => columns.includes(name))) yield { key, kind };
}

function remember(previous: StoredPart, current: StoredPart, names: readonly string[]): Promise<Change[]> {
  const question = `${previous.entry.sha256} ${current.entry.sha256} ${names.join(' ')}`;
  const known = answers.get(question);
  if (known) return known;
  if (answers.size >= keptAnswers) answers.delete(answers.keys().next().value!);
  const answer = collect(compareParts(previous, current, names));
  answers.set(question, answer);
  const forget = () => void answers.delete(question);
  answer.then((changes) => changes.length > mostKept && forget(), forget);
  return answer;
}

async function collect(changes: AsyncIterable<Change>): Promise<Change[]> {
  const all: Change[] = [];
  for await (const change of changes) all.push(change);
  return all;
}

async function* compareParts(
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
      await readRaw(previous, span.previous, columns),
      await readRaw(current, span.current, columns),
    ];
    if (hasSameKeys(old, now)) yield* compareAligned(old[0], now[0], columns);
    else yield* compareRows(placeRows(old), placeRows(now), columns);
  }
}

async function readRaw(
  part: StoredPart,
  groups: readonly number[],
  columns: readonly string[],
): Promise<RawGroup[]> {
  const read: RawGroup[] = [];
  for (const group of groups) read.push(await part.rawGroup(group, columns));
  return read;
}

function hasSameKeys(old: readonly RawGroup[], now: readonly RawGroup[]): boolean {
  // The key is the first column of every part.
  return old.length === 1 && now.length === 1 && old[0].footer.digests[0] === now[0].footer.digests[0];
}

/** Two groups of the same keys: columns with equal bytes are not even decompressed. */
function* compareAligned(old: RawGroup, now: RawGroup, columns: readonly string[]): Generator<Change> {
  const different = columns
    .filter((name) => old.digest(name) !== now.digest(name))
    .map((name) => [old.page(name), now.page(name)] as const);
  for (let row = 0; row < now.rows; row++) {
    if (different.some(([a, b]) => !isAlike(a, row, b, row))) yield { key: now.key(row), kind: 'changed' };
  }
}

/** A row in its row group. */
interface RowPlace {
  readonly group: RawGroup;
  readonly row: number;
}

/** A column that a part lacks has no values. */
export function isAlike(a: RawPage | undefined, i: number, b: RawPage | undefined, j: number): boolean {
  if (a && b) return sameRow(a, i, b, j);
  return !isPresent(a, i) && !isPresent(b, j);
}

function placeRows(groups: readonly RawGroup[]): Map<string, RowPlace> {
  const places = new Map<string, RowPlace>();
  for (const group of groups)
    for (let row = 0; row < group.rows; row++) places.set(group.key(row), { group, row });
  return places;
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
    else if (!columns.every((name) => isSame(before, after, name))) yield { key, kind: 'changed' };
  }
}

const isSame = (before: RowPlace, after: RowPlace, name: string): boolean =>
  isAlike(before.group.page(name), before.row, after.group.page(name), after.row);
