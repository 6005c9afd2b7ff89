// What the policies say of every document that has a duplicate, read once: about 30 bytes a document, found by its id.

import { integerOf, isPresent, textOf, type RawPage, type TableReader } from '@gristmill/shards';
import { walkPages, type RowRange } from './page-walk.ts';

export interface Facts {
  readonly quality: number;
  readonly group: string | undefined;
  /** False for a document that a policy dropped, or that has a verdict. */
  readonly isEligible: boolean;
}

const none: Facts = { quality: 0, group: undefined, isEligible: false };
/** An id is four numbers of 32 bits. */
const idWords = 4;

export class MemberFacts {
  private ids = new Uint32Array(idWords << 8);
  private qualities = new Int32Array(1 << 8);
  /** 0: has no row; 1: dropped by a policy; 2: eligible. */
  private states = new Uint8Array(1 << 8);
  /** Number of its group, from 1; 0 for none. */
  private groups = new Uint32Array(1 << 8);
  private readonly groupNames: string[] = [''];
  private readonly groupNumbers = new Map<string, number>();
  private readonly wanted = new Uint32Array(idWords);
  private length = 0;

  /** Ids come in ascending order, those of row `row` of `ids`. @param found the document's row of `eligible` */
  push(ids: RawPage, row: number, found: RowRange | undefined): void {
    if (this.length === this.states.length) this.grow();
    const at = this.length++;
    packId(ids, row, this.ids, at * idWords);
    if (!found) return;
    const { reason, quality, group } = found.pages;
    this.qualities[at] = integerOf(quality!, found.from);
    this.states[at] = isPresent(reason!, found.from) ? 1 : 2;
    if (isPresent(group!, found.from)) this.groups[at] = this.numberOf(textOf(group!, found.from));
  }

  hasGroups(): boolean {
    return this.groupNumbers.size > 0;
  }

  get(ids: RawPage, row: number): Facts {
    packId(ids, row, this.wanted, 0);
    let [low, high] = [0, this.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = this.compareWanted(middle);
      if (order === 0) return this.at(middle);
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return none;
  }

  private compareWanted(place: number): number {
    for (let word = 0; word < idWords; word++) {
      const difference = this.ids[place * idWords + word] - this.wanted[word];
      if (difference !== 0) return difference;
    }
    return 0;
  }

  private at(place: number): Facts {
    const group = this.groups[place];
    return {
      quality: this.qualities[place],
      group: group === 0 ? undefined : this.groupNames[group],
      isEligible: this.states[place] === 2,
    };
  }

  private numberOf(group: string): number {
    let number = this.groupNumbers.get(group);
    if (number === undefined) {
      number = this.groupNames.push(group) - 1;
      this.groupNumbers.set(group, number);
    }
    return number;
  }

  private grow(): void {
    const size = this.states.length * 2;
    const [ids, qualities, states, groups] = [
      new Uint32Array(size * idWords),
      new Int32Array(size),
      new Uint8Array(size),
      new Uint32Array(size),
    ] as const;
    ids.set(this.ids);
    qualities.set(this.qualities);
    states.set(this.states);
    groups.set(this.groups);
    Object.assign(this, { ids, qualities, states, groups });
  }
}

const wordDigits = 8;

function packId({ plain, starts }: RawPage, row: number, target: Uint32Array, at: number): void {
  let from = starts[row] + 4;
  for (let word = 0; word < idWords; word++) {
    let value = 0;
    for (const end = from + wordDigits; from < end; from++) {
      const digit = plain[from];
      value = (value << 4) | (digit <= 57 ? digit - 48 : digit - 87);
    }
    target[at + word] = value;
  }
}

/** @param members keyed by id @param eligible keyed by id */
export async function readMemberFacts(members: TableReader, eligible: TableReader): Promise<MemberFacts> {
  const facts = new MemberFacts();
  for (const part of members.parts) {
    const beside = walkPages(eligible.part(part.partition), 'id', ['reason', 'quality', 'group']);
    for await (const { rows, pages } of part.pages([])) {
      for (let row = 0; row < rows; row++) {
        const [found] = await beside.rowsOf(pages, row);
        facts.push(pages.id!, row, found);
      }
    }
  }
  return facts;
}
