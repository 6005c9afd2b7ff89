// Components of duplicates as dedup left them, some thousands of documents at a time, with what the policies say of each.
// Of most components nothing follows: no pair in them is alike enough. They are passed over as bytes.

import type { PhaseInput, PhaseTask } from '@gristmill/corpus';
import { booleanOf, compareTexts, doubleOf, hexOf, integerOf, type PartReader } from '@gristmill/shards';
import type { Candidate, FormEdge } from './elect-survivors.ts';
import { largestSplitSet } from './group-sets.ts';
import type { MemberFacts } from './member-facts.ts';
import { walkPages, type RowRange } from './page-walk.ts';
import type { ResolvedSelectOptions, SelectOptions } from './select-options.ts';

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
const memberColumns = ['id', 'hash', 'length'];

export const clusterInputs: readonly PhaseInput[] = [
  { name: 'clusters', table: 'dedup/clusters', columns: memberColumns, parts: 'all', optional: true },
  { name: 'edges', table: 'dedup/edges', columns: edgeColumns, parts: 'all', optional: true },
];

/** A component as rows of its two tables. */
interface StoredCluster {
  readonly members: readonly RowRange[];
  readonly edges: readonly RowRange[];
}

export interface ClusterReading {
  readonly facts: MemberFacts;
  readonly options: Pick<ResolvedSelectOptions, 'threshold' | 'sameAddress'>;
  /** Components that are given although nothing in them is alike. */
  readonly watched: Pick<ReadonlySet<string>, 'has' | 'size'>;
}

/** Documents to a chunk, those of components that are passed over among them. */
const chunkMembers = 4096;

/** Chunks, also empty ones, of the clusters from which a removal or a set may follow, in the order of components. */
export async function* readClusters(
  task: PhaseTask<SelectOptions>,
  reading: ClusterReading,
): AsyncGenerator<Cluster[]> {
  const edges = task.input('edges');
  for (const part of task.input('clusters').parts) {
    let chunk: Cluster[] = [];
    let members = 0;
    for await (const cluster of storedClusters(part, edges.part(part.partition))) {
      if (mayMatter(cluster, reading)) chunk.push(complete(cluster, reading.facts));
      members += countRows(cluster.members);
      if (members < chunkMembers) continue;
      yield chunk;
      [chunk, members] = [[], 0];
    }
    yield chunk;
  }
}

/** Walks both tables, sorted by component, together. */
async function* storedClusters(members: PartReader, edges: PartReader): AsyncGenerator<StoredCluster> {
  const beside = walkPages(edges, 'component', edgeColumns);
  let open: RowRange[] = [];
  const close = async ([first]: RowRange[]): Promise<StoredCluster> => ({
    members: open,
    edges: await beside.rowsOf(first.pages, first.from),
  });
  for await (const { rows, pages } of members.pages(memberColumns)) {
    const keys = pages.component!;
    for (let from = 0; from < rows;) {
      let to = from + 1;
      while (to < rows && compareTexts(keys, from, keys, to) === 0) to++;
      const [first] = open as (RowRange | undefined)[];
      if (first && compareTexts(first.pages.component!, first.from, keys, from) !== 0) {
        yield await close(open);
        open = [];
      }
      open.push({ pages, from, to });
      from = to;
    }
  }
  if (open.length > 0) yield await close(open);
}

/** Twins, an edge that is high enough, a group, too many for a split: else no table of this phase speaks of it. */
function mayMatter(cluster: StoredCluster, { facts, options, watched }: ClusterReading): boolean {
  const { members, edges } = cluster;
  const [{ pages, from }] = members;
  return (
    countRows(members) > largestSplitSet ||
    (watched.size > 0 && watched.has(hexOf(pages.component!, from))) ||
    (options.threshold !== undefined && (hasEdge(edges, options) || hasTwins(members))) ||
    (facts.hasGroups() && hasGroup(members, facts))
  );
}

const countRows = (ranges: readonly RowRange[]): number =>
  ranges.reduce((sum, { from, to }) => sum + to - from, 0);

function hasEdge(edges: readonly RowRange[], { threshold, sameAddress }: ClusterReading['options']): boolean {
  const least = Math.min(threshold!, sameAddress ?? threshold!);
  for (const { pages, from, to } of edges)
    for (let row = from; row < to; row++) if (doubleOf(pages.similarity!, row) >= least) return true;
  return false;
}

/** Components are small; of a large one it is said unseen. */
function hasTwins(members: readonly RowRange[]): boolean {
  const [{ pages, from, to }] = members;
  if (members.length > 1 || to - from > 16) return true;
  for (let i = from; i < to; i++)
    for (let j = i + 1; j < to; j++) if (compareTexts(pages.hash!, i, pages.hash!, j) === 0) return true;
  return false;
}

function hasGroup(members: readonly RowRange[], facts: MemberFacts): boolean {
  for (const { pages, from, to } of members)
    for (let row = from; row < to; row++) if (facts.get(pages.id!, row).group !== undefined) return true;
  return false;
}

function complete(cluster: StoredCluster, facts: MemberFacts): Cluster {
  const [{ pages: first, from: start }] = cluster.members;
  const forms = new Map<string, number>();
  const members: Member[] = [];
  for (const { pages, from, to } of cluster.members) {
    for (let row = from; row < to; row++) {
      const hash = hexOf(pages.hash!, row);
      const form = forms.get(hash) ?? forms.size;
      if (form === forms.size) forms.set(hash, form);
      const length = integerOf(pages.length!, row);
      members.push({ id: hexOf(pages.id!, row), form, length, ...facts.get(pages.id!, row) });
    }
  }
  const edges: FormEdge[] = [];
  for (const { pages, from, to } of cluster.edges) {
    for (let row = from; row < to; row++)
      edges.push({
        a: forms.get(hexOf(pages.a!, row))!,
        b: forms.get(hexOf(pages.b!, row))!,
        similarity: doubleOf(pages.similarity!, row),
        star: booleanOf(pages.star!, row),
        sameAddress: booleanOf(pages.sameAddress!, row),
      });
  }
  return { component: hexOf(first.component!, start), members, edges };
}
