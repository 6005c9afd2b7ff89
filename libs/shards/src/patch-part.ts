// A part made from an earlier part of the same table: row groups in which no row came, went or changed are copied as they
// lie, the others spliced from the rows that stay and the new ones. The bytes are those of a part written from nothing.

import { DataError, type Row } from '@gristmill/core';
import type { Counts } from './part-footer.ts';
import type { StoredPart } from './part-reader.ts';
import type { PartWriter } from './part-writer.ts';
import type { RawGroup } from './raw-group.ts';
import { cutGroups, groupsAround, isUnder, sideOf, type GroupBorders } from './row-groups.ts';
import type { Segment } from './splice-pages.ts';
import type { PartPatch } from './table.ts';

export interface PatchOptions {
  /** Borders of the new part, where they are known. */
  readonly borders?: readonly GroupBorders[];
  readonly count?: (segments: readonly Segment[]) => Counts;
  readonly progress?: (rows: number, bytes: number) => Promise<void>;
}

const chunkKeys = 128;
/** Row groups that are copied at once have so many rows. */
const copiedRows = 8192;

/** @param limit rows in a row group of the table */
export async function patchPart(
  writer: Pick<PartWriter, 'copyGroup' | 'spliceGroup'>,
  old: StoredPart,
  patch: PartPatch,
  limit: number,
  options: PatchOptions = {},
): Promise<void> {
  const { groups } = await old.footer();
  const borders = options.borders ?? cutGroups(await keysAfter(old, patch), limit);
  const numbers = new Map(groups.map(({ prefix }, number) => [prefix, number]));
  const [added, removed] = [createKeyWalk(patch.added), createKeyWalk([...patch.removed].sort())];
  const feed = createRowFeed(patch);
  const isCopy = (border: GroupBorders): boolean => {
    const number = numbers.get(border.prefix);
    return number !== undefined && groups[number].rows === border.end - border.start;
  };
  for (let i = 0; i < borders.length;) {
    const { prefix } = borders[i];
    const [come, gone] = [added.under(prefix), removed.under(prefix)];
    if (come.length + gone.length === 0 && isCopy(borders[i])) {
      const first = numbers.get(prefix)!;
      let [count, rows] = [0, 0];
      do rows += groups[first + count++].rows;
      while (
        rows < copiedRows &&
        i + count < borders.length &&
        numbers.get(borders[i + count].prefix) === first + count &&
        isCopy(borders[i + count]) &&
        !added.isAny(borders[i + count].prefix) &&
        !removed.isAny(borders[i + count].prefix)
      );
      await copyGroups(writer, old, { first, count }, options);
      i += count;
      continue;
    }
    const fresh = await feed(come.length);
    const segments = mergeSegments(await rowsUnder(old, prefix), patch.removed, fresh);
    await writer.spliceGroup(prefix, segments, options.count?.(segments));
    await options.progress?.(borders[i].end - borders[i].start, 0);
    i++;
  }
}

async function copyGroups(
  writer: Pick<PartWriter, 'copyGroup'>,
  old: StoredPart,
  { first, count }: { first: number; count: number },
  { progress }: PatchOptions,
): Promise<void> {
  for (const group of await old.storedGroups(first, count)) {
    await writer.copyGroup(group);
    await progress?.(group.footer.rows, group.bytes.length);
  }
}

async function keysAfter(old: StoredPart, { removed, added }: PartPatch): Promise<string[]> {
  const keys: string[] = [];
  let next = 0;
  for await (const batch of old.batches([])) {
    for (const key of batch.keys) {
      while (next < added.length && added[next] < key) keys.push(added[next++]);
      if (!removed.has(key)) keys.push(key);
    }
  }
  while (next < added.length) keys.push(added[next++]);
  return keys;
}

/** Sorted keys, taken prefix by prefix in order. */
function createKeyWalk(keys: readonly string[]) {
  let at = 0;
  const skip = (prefix: string) => {
    while (at < keys.length && sideOf(keys[at], prefix) < 0) at++;
  };
  return {
    under(prefix: string): readonly string[] {
      skip(prefix);
      const from = at;
      while (at < keys.length && sideOf(keys[at], prefix) === 0) at++;
      return keys.slice(from, at);
    },
    isAny(prefix: string): boolean {
      skip(prefix);
      return at < keys.length && sideOf(keys[at], prefix) === 0;
    },
  };
}

/** The new rows in order, asked for by the hundred: who makes them reads row groups that serve many of them. */
function createRowFeed(patch: PartPatch): (count: number) => Promise<Row[]> {
  let [asked, waiting] = [0, [] as Row[]];
  return async (count) => {
    while (waiting.length < count) {
      const keys = patch.added.slice(asked, asked + chunkKeys);
      if (keys.length === 0) throw tooFewRows();
      asked += keys.length;
      waiting = [...waiting, ...(await patch.rows(keys))];
    }
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return taken;
  };
}

function tooFewRows(): DataError {
  return new DataError(
    'rows-missing',
    'a patch gave fewer rows than it has keys',
    'this is a fault of the stage that writes the table: it gives a row for each key of `added`',
  );
}

interface OldRows {
  readonly group: RawGroup;
  readonly isUnder: (key: string) => boolean;
}

async function rowsUnder(old: StoredPart, prefix: string): Promise<OldRows[]> {
  const { groups } = await old.footer();
  const [first, end] = groupsAround(groups, prefix);
  const rows: OldRows[] = [];
  for (let number = first; number < end; number++) {
    const isWhole = groups[number].prefix.startsWith(prefix);
    rows.push({
      group: await old.rawGroup(number),
      isUnder: isWhole ? () => true : (key) => isUnder(key, prefix),
    });
  }
  return rows;
}

/** @param rows by key */
function mergeSegments(
  old: readonly OldRows[],
  removed: ReadonlySet<string>,
  rows: readonly Row[],
): Segment[] {
  const segments: Segment[] = [];
  let next = 0;
  for (const { group, isUnder: isInside } of old) {
    let from = -1;
    const close = (to: number) => {
      if (from >= 0) segments.push({ group, from, to });
      from = -1;
    };
    for (const [i, key] of group.keys().entries()) {
      while (next < rows.length && rows[next].id < key) {
        close(i);
        segments.push({ row: rows[next++] });
      }
      if (removed.has(key) || !isInside(key)) close(i);
      else if (from < 0) from = i;
    }
    close(group.rows);
  }
  while (next < rows.length) segments.push({ row: rows[next++] });
  return segments;
}
