// Connected components over the numbers that have an edge, and over no others (Tarjan 1975, path halving). The root of a
// set is its least member, so components do not depend on the order of the edges.

import { LargeMap } from '@gristmill/core';

export class UnionFind {
  private readonly parents = new LargeMap<number, number>();

  /** The least number of the set; a number that was never joined is its own. */
  find(member: number): number {
    let at = member;
    for (;;) {
      const parent = this.parents.get(at);
      if (parent === undefined || parent === at) return at;
      const grand = this.parents.get(parent) ?? parent;
      this.parents.set(at, grand);
      at = grand;
    }
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x === y) return;
    this.parents.set(Math.max(x, y), Math.min(x, y));
    this.parents.set(Math.min(x, y), Math.min(x, y));
  }

  /** A set of one, unless it is in one. */
  add(member: number): void {
    if (!this.parents.has(member)) this.parents.set(member, member);
  }

  has(member: number): boolean {
    return this.parents.has(member);
  }

  /** Every number that was added or joined. */
  members(): IterableIterator<number> {
    return this.parents.keys();
  }
}
