// Where a patched part is cut into row groups, from the row groups of the earlier part and the keys that come and go: only
// keys of row groups that change are looked at.

import type { FooterGroup } from './part-footer.ts';
import type { StoredPart } from './part-reader.ts';
import type { RawGroup } from './raw-group.ts';
import { hexToBits, mergeGroups, sideOf, type GroupBorders } from './row-groups.ts';

export interface KeyPatch {
  /** Keys whose rows, where there are any, go; sorted. */
  readonly removed: readonly string[];
  /** Keys of the rows that come, each as often as it has rows; sorted. */
  readonly added: readonly string[];
}

/** Rows under a prefix, not more than the limit, or those of one key. */
interface Piece {
  readonly prefix: string;
  readonly rows: number;
}

/** What `cutGroups` gives for the keys after the patch. */
export async function bordersAfter(
  old: StoredPart,
  { removed, added }: KeyPatch,
  limit: number,
): Promise<GroupBorders[]> {
  const { groups } = await old.footer();
  const pieces: Piece[] = [];
  let [come, gone] = [0, 0];
  for (let first = 0, end; first < groups.length; first = end) {
    const { prefix } = groups[first];
    end = first + 1;
    while (end < groups.length && groups[end].prefix === prefix) end++;
    const from = come;
    while (come < added.length && sideOf(added[come], prefix) < 0) come++;
    pieces.push(...piecesOf(added.slice(from, come)));
    while (gone < removed.length && sideOf(removed[gone], prefix) < 0) gone++;
    const [firstCome, firstGone] = [come, gone];
    while (come < added.length && sideOf(added[come], prefix) === 0) come++;
    while (gone < removed.length && sideOf(removed[gone], prefix) === 0) gone++;
    const patch = { added: added.slice(firstCome, come), removed: removed.slice(firstGone, gone) };
    pieces.push(...(await piecesUnder(old, groups, { first, end, patch, limit })));
  }
  pieces.push(...piecesOf(added.slice(come)));
  return mergeGroups(pieces, limit);
}

/** A piece a key. @param keys sorted, each as often as it has rows */
function piecesOf(keys: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0, to; from < keys.length; from = to) {
    to = from + 1;
    while (to < keys.length && keys[to] === keys[from]) to++;
    pieces.push({ prefix: hexToBits(keys[from]), rows: to - from });
  }
  return pieces;
}

interface Place {
  /** Row groups of one prefix. */
  readonly first: number;
  readonly end: number;
  readonly patch: KeyPatch;
  readonly limit: number;
}

async function piecesUnder(
  old: StoredPart,
  groups: readonly FooterGroup[],
  { first, end, patch: { added, removed }, limit }: Place,
): Promise<Piece[]> {
  const { prefix } = groups[first];
  const before = groups.slice(first, end).reduce((sum, { rows }) => sum + rows, 0);
  if (added.length + removed.length === 0) return [{ prefix, rows: before }];
  const raw: RawGroup[] = [];
  for (let number = first; number < end; number++) raw.push(await old.rawGroup(number, []));
  let rows = before + added.length;
  for (const group of raw) for (const key of removed) rows -= rowsOfKey(group, key);
  if (rows === 0) return [];
  if (rows <= limit) return [{ prefix, rows }];
  const gone = new Set(removed);
  const kept = raw.flatMap((group) => Array.from({ length: group.rows }, (_, row) => group.key(row)));
  return piecesOf([...kept.filter((key) => !gone.has(key)), ...added].sort());
}

function rowsOfKey(group: RawGroup, key: string): number {
  const first = group.rowFrom(key);
  let row = first;
  while (row < group.rows && group.key(row) === key) row++;
  return row - first;
}
