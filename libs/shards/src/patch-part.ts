// A part made from an earlier part of the same table: row groups in which no row came, went or changed are copied as they
// lie, the others spliced from the rows that stay and the new ones. The bytes are those of a part written from nothing.

import { DataError, type Column, type Row } from '@gristmill/core';
import type { Counts, FooterGroup } from './part-footer.ts';
import type { StoredPart } from './part-reader.ts';
import type { PartWriter } from './part-writer.ts';
import type { RawGroup } from './raw-group.ts';
import type { KnownChange } from './known-changes.ts';
import { bordersAfter } from './patch-borders.ts';
import { noteChanges, type ChangeNotes, type LeftRows } from './patch-changes.ts';
import { groupsAround, sideOf, type GroupBorders } from './row-groups.ts';
import { countRows, type Segment } from './splice-pages.ts';
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

/** What a patch asks of who writes the part. */
type GroupWriter = Pick<PartWriter, 'copyGroup' | 'spliceGroup'> & { readonly columns: readonly Column[] };

export interface Patched {
  /** How many rows are new. */
  readonly fresh: number;
  /** What differs, by key; undefined where it is not known, or the key is not unique. */
  readonly changes: readonly KnownChange[] | undefined;
}

/** @param limit rows in a row group of the table */
export async function patchPart(
  writer: GroupWriter,
  old: StoredPart,
  patch: PartPatch,
  { limit, ...options }: PatchOptions & { readonly limit: number },
): Promise<Patched> {
  // All of it is read: what is copied as it lies, and what is spliced.
  await old.verify();
  const footer = await old.footer();
  const feed = footer.key === defaultKey ? createRowFeed(patch) : await collectRows(patch, footer.key);
  const removed = [...patch.removed].sort();
  const borders = options.borders ?? (await bordersAfter(old, { removed, added: feed.keys }, limit));
  const walks = { added: createKeyWalk(patch.added), removed: createKeyWalk(removed) };
  const changes = noteChanges(footer, writer.columns);
  const patching = { writer, old, options, feed, key: footer.key, changes };
  const copies = createCopyPlan(borders, footer.groups, walks);
  let seen = 0;
  for (let i = 0; i < borders.length;) {
    const { prefix } = borders[i];
    const [come, gone] = [walks.added.under(prefix), walks.removed.under(prefix)];
    seen += gone.length;
    const copied = come.length + gone.length === 0 ? copies.from(i) : undefined;
    // More rows of one key than fit a row group lie in several of its prefix.
    const end = copied ? i + copied.count : endOfPrefix(borders, i);
    if (copied) await copyGroups(writer, old, copied, options);
    else await spliceGroups(patching, borders.slice(i, end), { come, gone });
    i = end;
  }
  // Where a whole row group went, nothing was there to be spliced.
  const isComplete = seen === removed.length;
  return { fresh: feed.taken(), changes: isComplete ? changes.finish() : undefined };
}

function endOfPrefix(borders: readonly GroupBorders[], first: number): number {
  let end = first;
  while (end < borders.length && borders[end].prefix === borders[first].prefix) end++;
  return end;
}

type KeyWalk = ReturnType<typeof createKeyWalk>;

/** Which earlier row groups can be copied as they lie, some at once. */
function createCopyPlan(
  borders: readonly GroupBorders[],
  groups: readonly FooterGroup[],
  { added, removed }: { readonly added: KeyWalk; readonly removed: KeyWalk },
) {
  const numbers = earlierGroups(borders, groups);
  const isCopy = (i: number): boolean =>
    numbers[i] >= 0 && groups[numbers[i]].rows === borders[i].end - borders[i].start;
  const isUntouched = ({ prefix }: GroupBorders): boolean => !added.isAny(prefix) && !removed.isAny(prefix);
  return {
    /** @param i a border under which no row comes or goes; undefined when its rows were cut otherwise before */
    from(i: number): { first: number; count: number } | undefined {
      if (!isCopy(i)) return undefined;
      const first = numbers[i];
      let [count, rows] = [1, groups[first].rows];
      for (let next = i + 1; rows < copiedRows && next < borders.length; next++, count++) {
        if (numbers[next] !== first + count || !isCopy(next) || !isUntouched(borders[next])) break;
        rows += groups[numbers[next]].rows;
      }
      return { first, count };
    },
  };
}

interface Patching {
  readonly writer: GroupWriter;
  readonly old: StoredPart;
  readonly options: PatchOptions;
  readonly feed: RowFeed;
  readonly key: string;
  readonly changes: ChangeNotes;
}

/** @param borders those of one prefix, whose keys `come` and `gone` are, sorted */
async function spliceGroups(
  { writer, old, options, feed, key, changes }: Patching,
  borders: readonly GroupBorders[],
  { come, gone }: { readonly come: readonly string[]; readonly gone: readonly string[] },
): Promise<void> {
  const [{ prefix }] = borders;
  const rows = await feed.take(come);
  const { segments, left } = mergeSegments(await rowsUnder(old, prefix), { gone, key, rows });
  for (const piece of cutSegments(segments, borders)) {
    changes.splice(piece, left, await writer.spliceGroup(prefix, piece, options.count?.(piece)));
    await options.progress?.(countRows(piece), 0);
  }
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
  writer: GroupWriter,
  old: StoredPart,
  { first, count }: { first: number; count: number },
  { progress }: PatchOptions,
): Promise<void> {
  for (const group of await old.storedGroups(first, count)) {
    await writer.copyGroup(group);
    await progress?.(group.footer.rows, group.bytes.length);
  }
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

/** Rows of an earlier row group: those that lie under a border. */
interface OldRows {
  readonly group: RawGroup;
  readonly from: number;
  readonly to: number;
}

async function rowsUnder(old: StoredPart, prefix: string): Promise<OldRows[]> {
  const { groups } = await old.footer();
  const [first, end] = groupsAround(groups, prefix);
  const rows: OldRows[] = [];
  for (let number = first; number < end; number++) {
    const group = await old.rawGroup(number);
    const isWhole = groups[number].prefix.startsWith(prefix);
    rows.push({ group, ...(isWhole ? { from: 0, to: group.rows } : rangeUnder(group, prefix)) });
  }
  return rows;
}

function rangeUnder(group: RawGroup, prefix: string): { from: number; to: number } {
  const firstFrom = (side: number): number => {
    let [low, high] = [0, group.rows];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sideOf(group.key(middle), prefix) < side) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { from: firstFrom(0), to: firstFrom(1) };
}

interface Merge {
  /** Keys whose rows go, sorted. */
  readonly gone: readonly string[];
  readonly key: string;
  /** The new rows, by key. */
  readonly rows: readonly Row[];
}

function mergeSegments(old: readonly OldRows[], { gone, key, rows }: Merge) {
  const segments: Segment[] = [];
  const left: LeftRows = new Map();
  const keyOf = (row: Row): string => row[key] as string;
  let [next, out] = [0, 0];
  for (const { group, from, to } of old) {
    let at = from;
    const stay = (end: number) => {
      if (end > at) segments.push({ group, from: at, to: end });
      at = Math.max(at, end);
    };
    const last = to > from ? group.key(to - 1) : '';
    for (;;) {
      const [come, go] = [rows[next] as Row | undefined, gone[out] as string | undefined];
      if (go !== undefined && go <= last && !(come && keyOf(come) < go)) {
        stay(Math.min(to, group.rowFrom(go)));
        for (; at < to && group.key(at) === go; at++) left.set(go, { group, row: at });
        // Its rows may go on in the next row group.
        if (go === last) break;
        out++;
      } else if (come && keyOf(come) <= last) {
        stay(Math.min(to, group.rowFrom(keyOf(come))));
        segments.push({ row: come });
        next++;
      } else break;
    }
    stay(to);
  }
  for (; next < rows.length; next++) segments.push({ row: rows[next] });
  return { segments, left };
}
