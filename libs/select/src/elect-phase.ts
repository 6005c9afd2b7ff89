// Phase `elect`: survivors of every component, and the sets of groups that must not be split. One task for the corpus,
// some thousands of documents in memory at a time, and the removed ones until they are written in the order of ids.

import type { Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import { partitionOf, type TableDefinition } from '@gristmill/shards';
import { normalizeForDedup, shingles } from '@gristmill/text';
import { clusterInputs, readClusters, type Cluster } from './clusters.ts';
import { electSurvivors, type Removal } from './elect-survivors.ts';
import { GroupSets } from './group-sets.ts';
import { resolveSelectOptions, type SelectOptions } from './select-options.ts';

export const removedTable: TableDefinition = {
  name: 'removed',
  columns: [
    { name: 'witness', type: 'string' },
    { name: 'similarity', type: 'float64' },
    /** Equal in normal form. */
    { name: 'exact', type: 'boolean' },
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
  ],
  tables: [removedTable, setTable],
  run: writeElection,
};

async function writeElection(task: PhaseTask<SelectOptions>): Promise<void> {
  const { threshold } = resolveSelectOptions(task.options);
  const sets = new GroupSets();
  const removed: Row[] = [];
  for await (const clusters of readClusters(task)) {
    for (const cluster of clusters) sets.add(cluster);
    if (threshold !== undefined) removed.push(...(await electChunk(task, clusters, threshold)));
    await task.progress(0);
  }
  removed.sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const row of removed)
    await (await task.write('removed', partitionOf(row.id, task.partitions))).write(row);
  for (const { key, least, isLarge } of sets.list(await groupSizes(task, sets))) {
    const writer = await task.write('sets', partitionOf(key, task.partitions));
    await writer.write({ id: key, least, large: isLarge });
  }
}

async function electChunk(
  task: PhaseTask<SelectOptions>,
  clusters: readonly Cluster[],
  threshold: number,
): Promise<Row[]> {
  const removals: (Removal & { exact: boolean })[] = [];
  for (const { members, edges } of clusters) {
    const candidates = members.filter(({ isEligible }) => isEligible);
    const formOf = new Map(candidates.map(({ id, form }) => [id, form]));
    for (const removal of electSurvivors(candidates, edges, { threshold }))
      removals.push({ ...removal, exact: formOf.get(removal.id) === formOf.get(removal.witness) });
  }
  const measured = await measureOnTexts(task, removals);
  return removals.map(({ id, witness, similarity, exact }) => ({
    id,
    witness,
    similarity: similarity ?? measured.get(id)!,
    exact,
  }));
}

/** Similarities that so far only follow from a star. */
async function measureOnTexts(
  task: PhaseTask<SelectOptions>,
  removals: readonly Removal[],
): Promise<Map<string, number>> {
  const open = removals.filter(({ similarity }) => similarity === undefined);
  const ids = [...new Set(open.flatMap(({ id, witness }) => [id, witness]))];
  const rows = await task.input('documents').get(ids, ['text']);
  const sets = new Map(rows.map((row) => [row.id, shingles(normalizeForDedup(row.text as string))]));
  return new Map(open.map(({ id, witness }) => [id, jaccard(sets.get(id)!, sets.get(witness)!)]));
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const shingle of a) if (b.has(shingle)) both++;
  return both / (a.size + b.size - both);
}

/** Documents of each group that is in a set. */
async function groupSizes(task: PhaseTask<SelectOptions>, sets: GroupSets): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const part of task.input('eligible').parts) {
    for await (const { columns } of part.batches(['group'])) {
      for (const group of columns.group as readonly (string | undefined)[])
        if (group !== undefined && sets.hasGroup(group)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    }
  }
  return sizes;
}
