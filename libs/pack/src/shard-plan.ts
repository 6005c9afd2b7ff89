// Which document lies in which shard: the plans of all (split, source), and of each document its shard, row and first
// token. Memory: about 80 bytes a document, and 40 more of one (split, source) while it is planned.

import { createHash } from 'node:crypto';
import { orderByHash } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import { planOrdered } from '@gristmill/shards';
import type { PackOptions } from './pack-options.ts';
import { nameBytes, type PackedDocuments } from './packed-documents.ts';
import { readDocuments, type HashedDocuments } from './read-documents.ts';

export interface Plan {
  /** SHA-256 of everything that the shard is made of. */
  readonly key: string;
  readonly place: { readonly split: string; readonly source: string; readonly prefix: string };
  /** Places of its documents, in its order. */
  readonly places: Uint32Array;
}

export interface ShardPlans {
  readonly documents: PackedDocuments;
  readonly plans: readonly Plan[];
  /** By place: number of the plan, row and first token in the shard. */
  readonly shards: Uint32Array;
  readonly rows: Uint32Array;
  readonly starts: Uint32Array;
}

export async function planShards(
  task: PhaseTask<PackOptions>,
  { seed, limitTokens }: { seed: number; limitTokens: number },
): Promise<ShardPlans> {
  const hashed = await readDocuments(task, seed);
  const { documents } = hashed;
  const plans: Plan[] = [];
  for (const { group, places } of placesByGroup(documents)) {
    for (const { prefix, places: own } of planGroup(hashed, places, limitTokens)) {
      const place = { ...documents.groups[group], prefix };
      plans.push({ key: planKey(place, documents, own), place, places: own });
    }
  }
  return { documents, plans, ...placeDocuments(documents, plans) };
}

/** By split and source, as JSON orders them. */
function placesByGroup({ groups, groupOf }: PackedDocuments): { group: number; places: Uint32Array }[] {
  const counts = new Uint32Array(groups.length);
  for (const group of groupOf) counts[group]++;
  const places = groups.map((_, group) => new Uint32Array(counts[group]));
  counts.fill(0);
  groupOf.forEach((group, place) => (places[group][counts[group]++] = place));
  const spelled = groups.map(({ split, source }) => JSON.stringify([split, source]));
  const numbers = groups.map((_, group) => group).sort((a, b) => (spelled[a] < spelled[b] ? -1 : 1));
  return numbers.map((group) => ({ group, places: places[group] }));
}

function planGroup({ documents, hashes }: HashedDocuments, places: Uint32Array, limitTokens: number) {
  const halves = new Uint32Array(hashes.buffer);
  const order = orderByHash({
    count: places.length,
    leading: (i) => halves[2 * places[i] + 1],
    compare(i, j) {
      const [a, b] = [hashes[places[i]], hashes[places[j]]];
      return a < b ? -1 : a > b ? 1 : 0;
    },
  });
  const sorted = order.map((i) => places[i]);
  const ordered = {
    hashes: new BigUint64Array(sorted.length),
    tokens: sorted.map((place) => documents.tokens[place]),
  };
  for (let i = 0; i < sorted.length; i++) ordered.hashes[i] = hashes[sorted[i]];
  return planOrdered(ordered, limitTokens).map(({ prefix, places: positions }) => ({
    prefix,
    places: positions.map((position) => sorted[position]),
  }));
}

const namesAtOnce = 2048;

function planKey({ split, source, prefix }: Plan['place'], { names }: PackedDocuments, places: Uint32Array) {
  const hash = createHash('sha256').update(`${JSON.stringify([split, source, prefix])}\n`);
  const gathered = Buffer.alloc(namesAtOnce * nameBytes);
  let at = 0;
  for (const place of places) {
    names.copy(gathered, at, place * nameBytes, (place + 1) * nameBytes);
    at += nameBytes;
    if (at < gathered.length) continue;
    hash.update(gathered);
    at = 0;
  }
  return hash.update(gathered.subarray(0, at)).digest('hex');
}

function placeDocuments({ count, tokens }: PackedDocuments, plans: readonly Plan[]) {
  const columns = () => new Uint32Array(count);
  const [shards, rows, starts] = [columns(), columns(), columns()];
  for (const [number, { places }] of plans.entries()) {
    let start = 0;
    for (let row = 0; row < places.length; row++) {
      const place = places[row];
      shards[place] = number;
      rows[place] = row;
      starts[place] = start;
      start += tokens[place];
    }
  }
  return { shards, rows, starts };
}
