// Which document lies in which shard: the plans of all (split, source), and of each document its shard, row and first
// token. Memory: about 65 bytes a document.

import { createHash } from 'node:crypto';
import type { Row } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import { documentColumns } from './document-table.ts';
import { MemberList } from './member-list.ts';
import type { PackOptions } from './pack-options.ts';

export interface Plan {
  /** SHA-256 of everything that the shard is made of. */
  readonly key: string;
  readonly place: { readonly split: string; readonly source: string; readonly prefix: string };
  readonly members: MemberList;
  /** Of the members that lie in the shard, in its order. */
  readonly places: Uint32Array;
}

/** Where each member of a list lies, by place. */
export interface Lineage {
  readonly members: MemberList;
  /** Number of the plan. */
  readonly shards: Uint32Array;
  readonly rows: Uint32Array;
  readonly starts: Uint32Array;
}

export interface ShardPlans {
  readonly plans: readonly Plan[];
  /** By `listKey`. */
  readonly lineages: ReadonlyMap<string, Lineage>;
}

/** Each (split, source) has a list of its own. */
export const listKey = (split: string, source: string): string => JSON.stringify([split, source]);

export async function planShards(
  task: PhaseTask<PackOptions>,
  options: { seed: number; limitTokens: number },
): Promise<ShardPlans> {
  const groups = await readMembers(task);
  const plans: Plan[] = [];
  const lineages = new Map<string, Lineage>();
  for (const key of [...groups.keys()].sort()) {
    const { split, source, members } = groups.get(key)!;
    const first = plans.length;
    for (const { prefix, places } of members.plan(options)) {
      const place = { split, source, prefix };
      plans.push({ key: planKey(place, members, places), place, members, places });
    }
    lineages.set(key, placeMembers(members, plans, first));
  }
  return { plans, lineages };
}

async function readMembers(task: PhaseTask<PackOptions>) {
  const groups = new Map<string, { split: string; source: string; members: MemberList }>();
  const columns = documentColumns.filter((name) => name !== 'tokens' && name !== 'mask');
  for (const part of task.input('documents').parts) {
    for await (const row of part.readRows(columns)) {
      const { id, split, source, count, ...facts } = row as Row & {
        split: string;
        source: string;
        count: number;
      };
      const key = listKey(split, source);
      const group = groups.get(key) ?? { split, source, members: new MemberList() };
      groups.set(key, group);
      group.members.push(id, count + 1, facts);
    }
  }
  return groups;
}

function planKey({ split, source, prefix }: Plan['place'], members: MemberList, places: Uint32Array): string {
  const hash = createHash('sha256').update(`${JSON.stringify([split, source, prefix])}\n`);
  for (const place of places) hash.update(members.name(place));
  return hash.digest('hex');
}

/** @param first number of the list's first plan */
function placeMembers(members: MemberList, plans: readonly Plan[], first: number): Lineage {
  const columns = () => new Uint32Array(members.length);
  const [shards, rows, starts] = [columns(), columns(), columns()];
  for (let number = first; number < plans.length; number++) {
    let start = 0;
    plans[number].places.forEach((place, row) => {
      shards[place] = number;
      rows[place] = row;
      starts[place] = start;
      start += members.tokens(place);
    });
  }
  return { members, shards, rows, starts };
}
