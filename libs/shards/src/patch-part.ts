// A part made from an earlier part of the same table: row groups in which no row came, went or changed are copied as they
// lie, the others spliced from the rows that stay and the new ones. The bytes are those of a part written from nothing.

import { DataError, type Row } from '@gristmill/core';
import type { Counts } from './part-footer.ts';
import type { StoredPart } from './part-reader.ts';
import type { PartWriter } from './part-writer.ts';
import type { RawGroup } from './raw-group.ts';
import { cutGroups, groupsAround, isUnder, sideOf, type GroupBorders } from './row-groups.ts';
import type { Segment } from './splice-pages.ts';
import { defaultKey } from './table-schema.ts';
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

/**
 * @param limit rows in a row group of the table
 * @returns how many rows are new
 */
export async function patchPart(
  writer: Pick<PartWriter, 'copyGroup' | 'spliceGroup'>,
  old: StoredPart,
  patch: PartPatch,
  limit: number,
  options: PatchOptions = {},
): Promise<number> {
  const { groups, key } = await old.footer();
  const feed = key === defaultKey ? createRowFeed(patch) : await collectRows(patch, key);
  const borders = options.borders ?? cutGroups(await keysAfter(old, patch, feed.keys), limit);
  const numbers = earlierGroups(borders, groups);
  const [added, removed] = [createKeyWalk(patch.added), createKeyWalk([...patch.removed].sort())];
  const isCopy = (i: number): boolean =>
    numbers[i] >= 0 && groups[numbers[i]].rows === borders[i].end - borders[i].start;
  for (let i = 0; i < borders.length;) {
    const { prefix } = borders[i];
    const [come, gone] = [added.under(prefix), removed.under(prefix)];
    if (come.length + gone.length === 0 && isCopy(i)) {
      const first = numbers[i];
      let [count, rows] = [0, 0];
      do rows += groups[first + count++].rows;
      while (
        rows < copiedRows &&
        i + count < borders.length &&
        numbers[i + count] === first + count &&
        isCopy(i + count) &&
        !added.isAny(borders[i + count].prefix) &&
        !removed.isAny(borders[i + count].prefix)
      );
      await copyGroups(writer, old, { first, count }, options);
      i += count;
      continue;
    }
    const segments = mergeSegments(await rowsUnder(old, prefix), patch.removed, {
      key,
      rows: await feed.take(come),
    });
    // More rows of one key than fit a row group lie in several of its prefix.
    const first = i;
    while (i < borders.length && borders[i].prefix === prefix) i++;
    for (const piece of cutSegments(segments, borders.slice(first, i))) {
      await writer.spliceGroup(prefix, piece, options.count?.(piece));
      await options.progress?.(countRows(piece), 0);
    }
  }
  return feed.taken();
}

/** Number of the border → the earlier row group of its prefix, −1 for none. Both are in order. */
function earlierGroups(borders: readonly GroupBorders[], groups: readonly { prefix: string }[]): Int32Array {
  const numbers = new Int32Array(borders.length).fill(-1);
  let group = 0;
  for (const [i, { prefix }] of borders.entries()) {
    while (group < groups.length && groups[group].prefix < prefix) group++;
    if (groups[group]?.prefix === prefix) numbers[i] = group++;
  }
  return numbers;
}

const countRows = (segments: readonly Segment[]): number =>
  segments.reduce((sum, piece) => sum + ('row' in piece ? 1 : piece.to - piece.from), 0);

function* cutSegments(
  segments: readonly Segment[],
  borders: readonly GroupBorders[],
): Generator<readonly Segment[]> {
  if (borders.length === 1) return yield segments;
  const waiting = [...segments];
  for (const { start, end } of borders) {
    const piece: Segment[] = [];
    for (let open = end - start; open > 0;) {
      const segment = waiting.shift()!;
      if ('row' in segment || segment.to - segment.from <= open) {
        piece.push(segment);
        open -= countRows([segment]);
      } else {
        const { group, from, to } = segment;
        piece.push({ group, from, to: from + open });
        waiting.unshift({ group, from: from + open, to });
        open = 0;
      }
    }
    yield piece;
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

/** @param added sorted, each as often as it has rows */
async function keysAfter(
  old: StoredPart,
  { removed }: PartPatch,
  added: readonly string[],
): Promise<string[]> {
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

interface RowFeed {
  /** Sorted, each as often as it has rows. */
  readonly keys: readonly string[];
  /** The new rows of the next keys. */
  take(keys: readonly string[]): Promise<Row[]>;
  /** How many rows were taken. */
  taken(): number;
}

/** The new rows in order, asked for by the hundred: who makes them reads row groups that serve many of them. */
function createRowFeed(patch: PartPatch): RowFeed {
  let [asked, given, waiting] = [0, 0, [] as Row[]];
  return {
    keys: patch.added,
    async take({ length: count }) {
      while (waiting.length < count) {
        const keys = patch.added.slice(asked, asked + chunkKeys);
        if (keys.length === 0) throw tooFewRows();
        asked += keys.length;
        waiting = [...waiting, ...(await patch.rows(keys))];
      }
      const rows = waiting.slice(0, count);
      waiting = waiting.slice(count);
      given += count;
      return rows;
    },
    taken: () => given,
  };
}

/** The same where a key may have several rows: they must be known before borders are. */
async function collectRows(patch: PartPatch, key: string): Promise<RowFeed> {
  const rows = await patch.rows(patch.added);
  let given = 0;
  return {
    keys: rows.map((row) => row[key] as string),
    take(keys) {
      const first = given;
      const last = keys.at(-1);
      while (last !== undefined && given < rows.length && (rows[given][key] as string) <= last) given++;
      return Promise.resolve(rows.slice(first, given));
    },
    taken: () => given,
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

function mergeSegments(
  old: readonly OldRows[],
  removed: ReadonlySet<string>,
  { key: column, rows }: { key: string; rows: readonly Row[] },
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
      while (next < rows.length && (rows[next][column] as string) < key) {
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
