// Where a part is cut into row groups: a group is the rows under the shortest key prefix (in bits) that has at most
// `limit` rows, so the borders depend on the set of keys alone. Prefixes are spelled as strings of 0 and 1.
// Rows of one key that are more than the limit stay together under that key, cut every `limit` rows.

export interface GroupBorders {
  readonly prefix: string;
  readonly start: number;
  readonly end: number;
}

/** Bit `depth` of a hex key, from the most significant. */
export function keyBit(key: string, depth: number): 0 | 1 {
  const digit = key.charCodeAt(depth >> 2);
  const nibble = digit <= 57 ? digit - 48 : digit - 87;
  return ((nibble >> (3 - (depth & 3))) & 1) as 0 | 1;
}

/** True when `key` lies under a prefix of bits. */
export function isUnder(key: string, prefix: string): boolean {
  for (let depth = 0; depth < prefix.length; depth++) {
    if (keyBit(key, depth) !== prefix.charCodeAt(depth) - 48) return false;
  }
  return true;
}

/**
 * Which row groups may share keys with a prefix of bits: [first, end). Groups are in order, and no prefix among them
 * begins another.
 */
export function groupsAround(
  groups: readonly { readonly prefix: string }[],
  prefix: string,
): [number, number] {
  let first = firstFrom(groups, (group) => group.prefix >= prefix);
  let end = first;
  while (end < groups.length && groups[end].prefix.startsWith(prefix)) end++;
  while (first > 0 && prefix.startsWith(groups[first - 1].prefix)) first--;
  return [first, end];
}

/** The row groups that may hold one of these keys, which are sorted. */
export function groupsOfKeys(
  groups: readonly { readonly prefix: string }[],
  keys: readonly string[],
): number[] {
  const found: number[] = [];
  let next = 0;
  for (const [index, { prefix }] of groups.entries()) {
    while (next < keys.length && sideOf(keys[next], prefix) < 0) next++;
    if (next === keys.length) break;
    if (sideOf(keys[next], prefix) === 0) found.push(index);
  }
  return found;
}

/** 0 when the key lies under the prefix, else on which side of it (below 0: before). */
export function sideOf(key: string, prefix: string): number {
  for (let depth = 0; depth < prefix.length; depth++) {
    const difference = keyBit(key, depth) - (prefix.charCodeAt(depth) - 48);
    if (difference !== 0) return difference;
  }
  return 0;
}

function firstFrom<T>(items: readonly T[], isFrom: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isFrom(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Bits of a hex prefix. */
export function hexToBits(hex: string): string {
  return Array.from(hex, (digit) => parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
}

/** Borders for all keys of a part, sorted. */
export function cutGroups(keys: readonly string[], limit: number): GroupBorders[] {
  const groups: GroupBorders[] = [];
  const cut = (prefix: string, start: number, end: number) => {
    if (start === end) return;
    if (end - start <= limit) groups.push({ prefix, start, end });
    else if (prefix.length === keys[start].length * 4) {
      for (let at = start; at < end; at += limit)
        groups.push({ prefix, start: at, end: Math.min(at + limit, end) });
    } else {
      const middle = firstOne(keys, prefix.length, start, end);
      cut(`${prefix}0`, start, middle);
      cut(`${prefix}1`, middle, end);
    }
  };
  cut('', 0, keys.length);
  return groups;
}

/**
 * The borders that `cutGroups` would give for the keys of row groups whose own limit is not larger, without the keys.
 * @param groups prefix and rows of every group, in order; one of more rows than the limit is those of one key
 */
export function mergeGroups(
  groups: readonly { prefix: string; rows: number }[],
  limit: number,
): GroupBorders[] {
  const merged: GroupBorders[] = [];
  const merge = (prefix: string, first: number, last: number, start: number) => {
    if (first === last) return;
    let rows = 0;
    for (let i = first; i < last; i++) rows += groups[i].rows;
    const end = start + rows;
    if (rows <= limit) merged.push({ prefix, start, end });
    else if (last - first === 1) {
      // Rows of one key.
      for (let at = start; at < end; at += limit)
        merged.push({ prefix: groups[first].prefix, start: at, end: Math.min(at + limit, end) });
    } else {
      let middle = first;
      let before = 0;
      while (middle < last && groups[middle].prefix[prefix.length] === '0') before += groups[middle++].rows;
      merge(`${prefix}0`, first, middle, start);
      merge(`${prefix}1`, middle, last, start + before);
    }
  };
  merge('', 0, groups.length, 0);
  return merged;
}

function firstOne(keys: readonly string[], depth: number, start: number, end: number): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyBit(keys[middle], depth) === 1) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The same borders while rows stream by: `add` a key, then take finished groups. Holds at most limit + 1 rows that
 * differ, since a prefix is known to be too large, or its rows to be complete, at that point.
 */
export function createGroupCutter(limit: number): {
  add(key: string): { prefix: string; rows: number }[];
  finish(): { prefix: string; rows: number }[];
} {
  let waiting: string[] = [];
  // Prefixes that cover everything from the first waiting key on, nearest last. The last one is being filled.
  const open: string[] = [''];
  const drain = (complete: boolean) => {
    const done: { prefix: string; rows: number }[] = [];
    while (waiting.length > 0) {
      const prefix = open.at(-1)!;
      let inside = waiting.length;
      while (inside > 0 && !isUnder(waiting[inside - 1], prefix)) inside--;
      const closed = complete || inside < waiting.length;
      const single = prefix.length === waiting[0].length * 4;
      if (inside > limit && !single) {
        open.pop();
        open.push(`${prefix}1`, `${prefix}0`);
      } else if (inside > limit) {
        done.push({ prefix, rows: limit });
        waiting = waiting.slice(limit);
      } else if (closed) {
        if (inside > 0) done.push({ prefix, rows: inside });
        waiting = waiting.slice(inside);
        open.pop();
      } else break;
    }
    return done;
  };
  return {
    add(key) {
      waiting.push(key);
      const prefix = open.at(-1)!;
      return waiting.length > limit || !isUnder(key, prefix) ? drain(false) : [];
    },
    finish: () => drain(true),
  };
}
