// The elements that are open while a page is read: a stack, and for each name where its topmost one lies. So what an end tag
// closes is found without walking down the stack, and a page of end tags that close nothing costs no more than another.

import { tagFlags, tagSet, unknownTag } from './tags.ts';

/** Names to look for: as a table, and as a list. */
export interface TagNames {
  readonly has: Uint8Array;
  readonly numbers: readonly number[];
}

export function namesOf(has: Uint8Array): TagNames {
  return { has, numbers: [...has.keys()].filter((number) => has[number] === 1) };
}

export function tagNamesOf(names: string): TagNames {
  return namesOf(tagSet(names));
}

export class OpenElements {
  /** Depth of the current node; the root lies at 0. */
  depth = 0;
  readonly nodes: Int32Array;
  private readonly numbers: Uint16Array;
  /** Names of elements without a number. */
  private readonly names: string[] = [];
  /** Depth of the next lower element of the same name, 0 when there is none. */
  private readonly below: Int32Array;
  private readonly tops = new Int32Array(tagFlags.length);
  private readonly unknownTops = new Map<string, number>();

  constructor(maxDepth: number) {
    this.nodes = new Int32Array(maxDepth + 1);
    this.numbers = new Uint16Array(maxDepth + 1);
    this.below = new Int32Array(maxDepth + 1);
  }

  /** Tag number of the current node. */
  get current(): number {
    return this.numbers[this.depth];
  }

  /** Of an element that has a number. */
  isOpen(number: number): boolean {
    return this.tops[number] > 0;
  }

  numberAt(depth: number): number {
    return this.numbers[depth];
  }

  /** `name`: in lower case, of an element without a number. */
  push(node: number, number: number, name = ''): void {
    const depth = ++this.depth;
    this.nodes[depth] = node;
    this.numbers[depth] = number;
    if (number === unknownTag) {
      this.names[depth] = name;
      this.below[depth] = this.unknownTops.get(name) ?? 0;
      this.unknownTops.set(name, depth);
    } else {
      this.below[depth] = this.tops[number];
      this.tops[number] = depth;
    }
  }

  /** Removes the current node and returns it. */
  pop(): number {
    const depth = this.depth--;
    const number = this.numbers[depth];
    const below = this.below[depth];
    if (number !== unknownTag) this.tops[number] = below;
    else if (below === 0) this.unknownTops.delete(this.names[depth]);
    else this.unknownTops.set(this.names[depth], below);
    return this.nodes[depth];
  }

  /** Depth of the topmost element of that number that no shield lies above; 0 when there is none. */
  find(number: number, shields: TagNames): number {
    const target = this.tops[number];
    return target > 0 && !this.hasAbove(target, shields) ? target : 0;
  }

  findUnknown(name: string, shields: TagNames): number {
    const target = this.unknownTops.get(name) ?? 0;
    return target > 0 && !this.hasAbove(target, shields) ? target : 0;
  }

  /** Depth of the topmost element of any of these names, 0 when none is open. */
  highest({ numbers }: TagNames): number {
    let depth = 0;
    for (const number of numbers) depth = Math.max(depth, this.tops[number]);
    return depth;
  }

  /** Depth of the lowest element among `ends` that no shield lies above; 0 when there is none. */
  findLowest(ends: TagNames, shields: TagNames): number {
    if (!ends.numbers.some((number) => this.tops[number] > 0)) return 0;
    const shield = this.highest(shields);
    let lowest = 0;
    for (const number of ends.numbers) {
      for (let at = this.tops[number]; at > shield; at = this.below[at])
        if (lowest === 0 || at < lowest) lowest = at;
    }
    return lowest;
  }

  /** Few elements are looked at one by one, many by their names. */
  private hasAbove(target: number, { has, numbers }: TagNames): boolean {
    if (this.depth - target > numbers.length) return numbers.some((number) => this.tops[number] > target);
    for (let depth = this.depth; depth > target; depth--) if (has[this.numbers[depth]] === 1) return true;
    return false;
  }
}
