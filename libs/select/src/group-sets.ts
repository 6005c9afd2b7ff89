// Which groups must share a split: those joined by an edge of at least .5, by Jaccard similarity or containment, between
// any of their documents, removed ones included. A document of no group is a group of one, named by its id. Components without a grouped document are sets by
// themselves, named by their least id, and are not held in memory.

import { LargeMap, sha256 } from '@gristmill/core';
import type { Cluster } from './clusters.ts';

/** A set of more documents than this, of more than one group, goes to train. */
export const largestSplitSet = 1000;

export interface GroupSet {
  /** What a document asks by: `groupName` of its group, or its component. */
  readonly key: string;
  /** The least group name or id in the set. */
  readonly least: string;
  readonly isLarge: boolean;
}

/** A document with what it belongs to. */
export interface Linked {
  readonly id: string;
  readonly group: string | undefined;
  /** Undefined for a document without duplicates. */
  readonly component: string | undefined;
}

/** 32 hex digits for a group, the form of a table's key. */
export function groupName(group: string): string {
  return sha256(`group/${group}`).slice(0, 32);
}

export class GroupSets {
  private readonly parents = new LargeMap<string, string>();
  /** Root → documents without a group in the set. */
  private readonly singles = new LargeMap<string, number>();
  private readonly components = new LargeMap<string, string>();
  /** Components without groups that are too large. */
  private readonly large: string[] = [];
  private readonly watched: Pick<ReadonlySet<string>, 'has'>;

  /** @param watched components that `link` will speak of, to be held although they have no group */
  constructor(watched: Pick<ReadonlySet<string>, 'has'> = new Set()) {
    this.watched = watched;
  }

  add({ component, members }: Cluster): void {
    const groups = new Set(members.flatMap(({ group }) => group ?? []));
    const single = members.filter(({ group }) => group === undefined);
    if (groups.size === 0 && !this.watched.has(component)) {
      if (single.length > largestSplitSet) this.large.push(component);
      return;
    }
    const keys = [...groups, ...(single.length > 0 ? [single[0].id] : [])];
    for (const { id } of single) if (id < keys[keys.length - 1]) keys[keys.length - 1] = id;
    for (const key of keys) this.join(keys[0], key);
    if (single.length === 0) return;
    const root = this.find(keys[0]);
    this.singles.set(root, (this.singles.get(root) ?? 0) + single.length);
    this.components.set(component, keys[0]);
  }

  /** Joins what two documents belong to. Called after every component was added. */
  link(a: Linked, b: Linked): void {
    this.join(this.keyOf(a), this.keyOf(b));
  }

  private keyOf({ id, group, component }: Linked): string {
    const key = group ?? this.components.get(component ?? id) ?? id;
    if (this.parents.has(key)) return key;
    this.parents.set(key, key);
    if (group !== undefined) return key;
    this.singles.set(key, 1);
    this.components.set(id, key);
    return key;
  }

  /** True when no group, and no component that was watched, is in a set. */
  isEmpty(): boolean {
    return this.parents.size === 0;
  }

  hasGroup(group: string): boolean {
    return this.parents.has(group);
  }

  /** Sorted by key. @param sizes documents of each group that `hasGroup` */
  list(sizes: ReadonlyMap<string, number>): GroupSet[] {
    const documents = new LargeMap<string, number>();
    const parts = new LargeMap<string, number>();
    const addTo = (counts: LargeMap<string, number>, key: string, count: number): void => {
      const root = this.find(key);
      counts.set(root, (counts.get(root) ?? 0) + count);
    };
    for (const [group, size] of sizes) {
      addTo(documents, group, size);
      addTo(parts, group, 1);
    }
    for (const [key, count] of this.singles)
      for (const counts of [documents, parts]) addTo(counts, key, count);
    const setOf = (key: string, member: string): GroupSet => {
      const least = this.find(member);
      const isLarge = documents.get(least)! > largestSplitSet && parts.get(least)! > 1;
      return { key, least, isLarge };
    };
    const ofGroups = [...sizes.keys()].map((group) => setOf(groupName(group), group));
    const ofComponents = [...this.components].map(([component, key]) => setOf(component, key));
    const ofLarge = this.large.map((key) => ({ key, least: key, isLarge: true }));
    return [...ofGroups, ...ofComponents, ...ofLarge].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  private find(key: string): string {
    let at = key;
    for (let parent = this.parents.get(at); parent !== undefined && parent !== at;) {
      at = parent;
      parent = this.parents.get(at);
    }
    this.parents.set(key, at);
    return at;
  }

  /** The least key of a set is its root. */
  private join(a: string, b: string): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x === y) return;
    this.parents.set(x < y ? y : x, x < y ? x : y);
  }
}
