// What the policies say of every document that has a duplicate, read once: about 30 bytes a document, found by its id.

import type { TableReader } from '@gristmill/shards';
import { beside } from './beside.ts';

export interface Facts {
  readonly quality: number;
  readonly group: string | undefined;
  /** False for a document that a policy dropped, or that has a verdict. */
  readonly isEligible: boolean;
}

const idBytes = 16;
const none: Facts = { quality: 0, group: undefined, isEligible: false };

export class MemberFacts {
  private ids = Buffer.alloc(idBytes << 8);
  private qualities = new Int32Array(1 << 8);
  /** 0: has no row; 1: dropped by a policy; 2: eligible. */
  private states = new Uint8Array(1 << 8);
  /** Number of its group, from 1; 0 for none. */
  private groups = new Uint32Array(1 << 8);
  private readonly groupNames: string[] = [''];
  private readonly groupNumbers = new Map<string, number>();
  private length = 0;

  /** Ids come in ascending order. */
  push(id: string, facts: Facts | undefined): void {
    if (this.length === this.states.length) this.grow();
    this.ids.write(id, this.length * idBytes, idBytes, 'hex');
    this.qualities[this.length] = facts?.quality ?? 0;
    this.states[this.length] = facts ? (facts.isEligible ? 2 : 1) : 0;
    this.groups[this.length] = facts?.group === undefined ? 0 : this.numberOf(facts.group);
    this.length++;
  }

  get(id: string): Facts {
    const wanted = Buffer.from(id, 'hex');
    let [low, high] = [0, this.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = this.ids.compare(wanted, 0, idBytes, middle * idBytes, (middle + 1) * idBytes);
      if (order === 0) return this.at(middle);
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return none;
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
    this.ids = Buffer.concat([this.ids], size * idBytes);
    const [qualities, states, groups] = [
      new Int32Array(size),
      new Uint8Array(size),
      new Uint32Array(size),
    ] as const;
    qualities.set(this.qualities);
    states.set(this.states);
    groups.set(this.groups);
    Object.assign(this, { qualities, states, groups });
  }
}

/** @param members keyed by id @param eligible keyed by id */
export async function readMemberFacts(members: TableReader, eligible: TableReader): Promise<MemberFacts> {
  const facts = new MemberFacts();
  for (const part of members.parts) {
    const next = beside(eligible.part(part.partition), ['reason', 'quality', 'group']);
    for await (const { keys } of part.batches([])) {
      for (const id of keys) {
        const row = await next(id);
        facts.push(
          id,
          row && {
            quality: row.quality as number,
            group: row.group as string | undefined,
            isEligible: row.reason === undefined,
          },
        );
      }
    }
  }
  return facts;
}
