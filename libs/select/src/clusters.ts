// Components of duplicates as dedup left them, some thousands of documents at a time, with what the policies say of each.

import type { PhaseInput, PhaseTask } from '@gristmill/corpus';
import type { PartReader } from '@gristmill/shards';
import type { Candidate, FormEdge } from './elect-survivors.ts';
import { readMemberFacts, type MemberFacts } from './member-facts.ts';
import type { SelectOptions } from './select-options.ts';

export interface Member extends Candidate {
  readonly group: string | undefined;
  /** False for a document that a policy dropped: it takes no part in the election but joins groups. */
  readonly isEligible: boolean;
}

export interface Cluster {
  /** The least id in it. */
  readonly component: string;
  readonly members: readonly Member[];
  readonly edges: readonly FormEdge[];
}

const edgeColumns = ['a', 'b', 'similarity', 'star', 'sameAddress'];

export const clusterInputs: readonly PhaseInput[] = [
  {
    name: 'clusters',
    table: 'dedup/clusters',
    columns: ['id', 'hash', 'length'],
    parts: 'all',
    optional: true,
  },
  {
    name: 'edges',
    table: 'dedup/edges',
    columns: edgeColumns,
    parts: 'all',
    optional: true,
  },
];

interface StoredMember {
  readonly id: string;
  readonly hash: string;
  readonly length: number;
}
interface StoredCluster {
  readonly component: string;
  readonly members: StoredMember[];
  readonly edges: { a: string; b: string; similarity: number; star: boolean; sameAddress: boolean }[];
}

const chunkMembers = 4096;

/** Chunks of clusters in the order of components. */
export async function* readClusters(task: PhaseTask<SelectOptions>): AsyncGenerator<Cluster[]> {
  const facts = await readMemberFacts(task.input('members'), task.input('eligible'));
  const edges = task.input('edges');
  for (const part of task.input('clusters').parts) {
    let chunk: StoredCluster[] = [];
    let members = 0;
    for await (const cluster of storedClusters(part, edges.part(part.partition))) {
      chunk.push(cluster);
      members += cluster.members.length;
      if (members < chunkMembers) continue;
      yield complete(facts, chunk);
      [chunk, members] = [[], 0];
    }
    if (chunk.length > 0) yield complete(facts, chunk);
  }
}

/** Walks both tables, sorted by component, together. */
async function* storedClusters(members: PartReader, edges: PartReader): AsyncGenerator<StoredCluster> {
  const rows = edges.readRows(edgeColumns);
  let edge = await rows.next();
  let cluster: StoredCluster | undefined;
  async function takeEdges({ component, edges: own }: StoredCluster): Promise<void> {
    while (!edge.done && (edge.value.component as string) === component) {
      own.push(edge.value as unknown as StoredCluster['edges'][number]);
      edge = await rows.next();
    }
  }
  for await (const row of members.readRows(['id', 'hash', 'length'])) {
    const component = row.component as string;
    if (cluster && cluster.component !== component) {
      await takeEdges(cluster);
      yield cluster;
      cluster = undefined;
    }
    cluster ??= { component, members: [], edges: [] };
    cluster.members.push(row as unknown as StoredMember);
  }
  if (!cluster) return;
  await takeEdges(cluster);
  yield cluster;
}

function complete(facts: MemberFacts, clusters: readonly StoredCluster[]): Cluster[] {
  return clusters.map(({ component, members, edges }) => {
    const forms = new Map<string, number>();
    for (const { hash } of members) if (!forms.has(hash)) forms.set(hash, forms.size);
    return {
      component,
      members: members.map(({ id, hash, length }) => ({
        id,
        form: forms.get(hash)!,
        length,
        ...facts.get(id),
      })),
      edges: edges.map(({ a, b, ...edge }) => ({ ...edge, a: forms.get(a)!, b: forms.get(b)! })),
    };
  });
}
