// Phase `elect`: survivors of every component, then of documents that contain one another, and the sets of groups that
// must not be split. One task for the corpus, some thousands of documents in memory at a time, and the removed ones until
// they are written in the order of ids.

import { LargeMap, LargeSet, type Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import { isPresent, partitionOf, textOf, type TableDefinition } from '@gristmill/shards';
import { clusterInputs, readClusters, type Cluster } from './clusters.ts';
import {
  containedInputs,
  electContained,
  linkContained,
  readContained,
  readPlaces,
  type ContainedPair,
  type Place,
} from './contained.ts';
import { electSurvivors } from './elect-survivors.ts';
import { GroupSets } from './group-sets.ts';
import { readMemberFacts } from './member-facts.ts';
import { measureRemovals, type MeasuredRemoval, type OpenRemoval } from './measure-removals.ts';
import { resolveSelectOptions, type ResolvedSelectOptions, type SelectOptions } from './select-options.ts';

export const removedTable: TableDefinition = {
  name: 'removed',
  columns: [
    { name: 'witness', type: 'string' },
    { name: 'similarity', type: 'float64' },
    { name: 'measure', type: 'string' },
  ],
};

export const setTable: TableDefinition = {
  name: 'sets',
  columns: [
    { name: 'least', type: 'string' },
    { name: 'large', type: 'boolean' },
  ],
};

export const electPhase: Phase<SelectOptions> = {
  name: 'elect',
  over: 'whole',
  inputs: () => [
    { name: 'eligible', table: 'eligible', columns: ['reason', 'quality', 'group'], parts: 'all' },
    { name: 'documents', columns: ['text'], parts: 'all' },
    ...clusterInputs,
    ...containedInputs,
  ],
  shapedBy: ({ duplicates = null }) => ({ duplicates }),
  tables: [removedTable, setTable],
  run: writeElection,
};

async function writeElection(task: PhaseTask<SelectOptions>): Promise<void> {
  const options = resolveSelectOptions(task.options);
  const pairs = await readContained(task);
  const places = await readPlaces(task, pairs);
  const watched = new LargeSet([...places.values()].flatMap(({ component }) => component ?? []));
  const sets = new GroupSets(watched);
  const open: OpenRemoval[] = [];
  /** First document of a form → the one that stays of its exact copies, for documents that pairs name. */
  const standIns = new LargeMap<string, { id: string; quality: number }>();
  const facts = await readMemberFacts(task.input('members'), task.input('eligible'));
  for await (const clusters of readClusters(task, { facts, options, watched })) {
    for (const cluster of clusters) {
      sets.add(cluster);
      noteStandIns(cluster, places, standIns);
    }
    open.push(...clusters.flatMap((cluster) => electCluster(cluster, options)));
    await task.progress(0);
  }
  const removed = await measureRemovals(task, open);
  linkContained(sets, pairs, places);
  const all = await removeContained(task, removed, { pairs, places, standIns });
  await writeRemoved(task, all);
  for (const { key, least, isLarge } of sets.list(await groupSizes(task, sets))) {
    const writer = await task.write('sets', partitionOf(key, task.partitions));
    await writer.write({ id: key, least, large: isLarge });
  }
}

async function writeRemoved(task: PhaseTask<SelectOptions>, removed: MeasuredRemoval[]): Promise<void> {
  removed.sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const row of removed)
    await (await task.write('removed', partitionOf(row.id, task.partitions))).write(row as unknown as Row);
}

function electCluster({ members, edges }: Cluster, options: ResolvedSelectOptions): OpenRemoval[] {
  const { threshold, sameAddress } = options;
  if (threshold === undefined) return [];
  const candidates = members.filter(({ isEligible }) => isEligible);
  const formOf = new LargeMap(candidates.map(({ id, form }) => [id, form] as const));
  return electSurvivors(candidates, edges, { threshold, sameAddress }).map((removal) => ({
    ...removal,
    measure: formOf.get(removal.id) === formOf.get(removal.witness) ? 'exact' : 'jaccard',
  }));
}

/** Of each form whose first document a pair names: the eligible copy that ranks first. */
function noteStandIns(
  { members }: Cluster,
  places: ReadonlyMap<string, Place>,
  standIns: LargeMap<string, { id: string; quality: number }>,
): void {
  for (const copies of Map.groupBy(members, ({ form }) => form).values()) {
    const first = copies.reduce((least, { id }) => (id < least ? id : least), copies[0].id);
    if (!places.has(first)) continue;
    const [best] = copies
      .filter(({ isEligible }) => isEligible)
      .sort((a, b) => b.quality - a.quality || b.length - a.length || (a.id < b.id ? -1 : 1));
    if (best) standIns.set(first, { id: best.id, quality: best.quality });
  }
}

interface ContainedContext {
  readonly pairs: readonly ContainedPair[];
  readonly places: ReadonlyMap<string, Place>;
  readonly standIns: ReadonlyMap<string, { id: string; quality: number }>;
}

/** The removals with those by containment; where a witness goes, its own witness takes its place. */
async function removeContained(
  task: PhaseTask<SelectOptions>,
  removed: readonly MeasuredRemoval[],
  { pairs, places, standIns }: ContainedContext,
): Promise<MeasuredRemoval[]> {
  const { containment } = resolveSelectOptions(task.options);
  if (containment === undefined) return [...removed];
  const gone = new LargeSet(removed.map(({ id }) => id));
  const standIn = (id: string) => {
    const place = places.get(id);
    const own = place?.isEligible ? { id, quality: place.quality } : undefined;
    const document = standIns.get(id) ?? own;
    return document && !gone.has(document.id) ? document : undefined;
  };
  const contained = electContained(pairs, { threshold: containment, standIn });
  const next = new LargeMap(contained.map(({ id, witness }) => [id, witness] as const));
  const moved = removed.flatMap((removal) => {
    const witness = next.get(removal.witness);
    return witness === undefined
      ? []
      : [{ id: removal.id, witness, similarity: undefined, measure: 'containment' as const }];
  });
  const isMoved = new LargeSet(moved.map(({ id }) => id));
  return [
    ...removed.filter(({ id }) => !isMoved.has(id)),
    ...(await measureRemovals(task, [
      ...moved,
      ...contained.map((removal) => ({ ...removal, measure: 'containment' as const })),
    ])),
  ];
}

/** Documents of each group that is in a set. */
async function groupSizes(
  task: PhaseTask<SelectOptions>,
  sets: GroupSets,
): Promise<LargeMap<string, number>> {
  const sizes = new LargeMap<string, number>();
  if (sets.isEmpty()) return sizes;
  for (const part of task.input('eligible').parts) {
    for await (const { rows, pages } of part.pages(['group'])) {
      for (let row = 0; row < rows; row++) {
        const group = isPresent(pages.group!, row) ? textOf(pages.group!, row) : undefined;
        if (group !== undefined && sets.hasGroup(group)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
      }
    }
  }
  return sizes;
}
