// The documents that duplicate one, as dedup measured them: of its component the other members, each with its similarity
// to the document where the two have an edge, and what select made of it; and the texts that contain it or that it contains.

import type { Row } from '@gristmill/core';
import { openPart, partitionOf } from '@gristmill/shards';
import { tablePart, type OpenBuild } from './build-documents.ts';
import { placesOf } from './outcome.ts';

export interface ClusterMember {
  readonly id: string;
  /** URL, or path and item. */
  readonly place: string;
  /** Jaccard similarity to the document, 1 for an equal normal form; absent where no edge joins the two directly. */
  readonly similarity?: number;
  /** Share of the shorter text that the longer contains. */
  readonly containment?: number;
  readonly kept: boolean;
  /** The survivor that it points to. */
  readonly witness?: string;
}

/** The most alike first; at most 100, since a component can hold thousands. */
const shownMembers = 100;

export async function clusterOf(build: OpenBuild, id: string): Promise<ClusterMember[]> {
  const similarities = await similarMembers(build, id);
  const containments = await containedMembers(build, id);
  const names = [...new Set([...similarities.keys(), ...containments.keys()])];
  const closeness = (name: string): number => similarities.get(name) ?? containments.get(name) ?? 0;
  names.sort((a, b) => closeness(b) - closeness(a) || (a < b ? -1 : 1));
  const members: ClusterMember[] = [];
  const places = await placesOf(build, names.slice(0, shownMembers));
  for (const name of names.slice(0, shownMembers)) {
    const decision = await rowOf(build, 'select/decisions', name, ['keep', 'witness']);
    const [similarity, containment] = [similarities.get(name), containments.get(name)];
    members.push({
      id: name,
      place: places.get(name) ?? name,
      ...(similarity === undefined ? {} : { similarity }),
      ...(containment === undefined ? {} : { containment }),
      kept: decision?.keep === true,
      ...(decision?.witness === undefined ? {} : { witness: decision.witness as string }),
    });
  }
  return members;
}

/** Other members of the component → similarity, undefined without an edge. */
async function similarMembers(build: OpenBuild, id: string): Promise<Map<string, number | undefined>> {
  const own = await rowOf(build, 'dedup/members', id, ['component', 'hash']);
  const found = new Map<string, number | undefined>();
  if (!own) return found;
  const component = own.component as string;
  const edges = new Map<string, number>();
  for await (const { a, b, similarity } of rowsUnder(build, 'dedup/edges', component, [
    'a',
    'b',
    'similarity',
  ]))
    if (a === own.hash || b === own.hash) edges.set((a === own.hash ? b : a) as string, similarity as number);
  for await (const row of rowsUnder(build, 'dedup/clusters', component, ['id', 'hash'])) {
    const hash = row.hash as string;
    if (row.id !== id) found.set(row.id, hash === own.hash ? 1 : edges.get(hash));
  }
  return found;
}

async function containedMembers(build: OpenBuild, id: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const { whole, similarity } of rowsUnder(build, 'passages/contained', id, [
    'whole',
    'similarity',
  ]))
    found.set(whole as string, similarity as number);
  for await (const { part, similarity } of rowsUnder(build, 'passages/parts', id, ['part', 'similarity']))
    found.set(part as string, similarity as number);
  return found;
}

/** Rows of a table under one value of its key. */
async function* rowsUnder(
  build: OpenBuild,
  table: string,
  key: string,
  columns: readonly string[],
): AsyncGenerator<Row> {
  const partition = partitionOf(key, build.partitions);
  await build.include(partition);
  const entry = tablePart(build, table, partition);
  if (entry && entry.rows > 0) yield* openPart(build.store, entry).readRows(columns, { prefix: key });
}

async function rowOf(
  build: OpenBuild,
  table: string,
  id: string,
  columns: readonly string[],
): Promise<Row | undefined> {
  for await (const row of rowsUnder(build, table, id, columns)) return row;
  return undefined;
}
