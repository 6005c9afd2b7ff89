// Similarities that the previous election measured on texts, where it would measure the same again: the same document and
// witness, their texts as they were, and no edge between them then, so that the number came from these texts and not
// from dedup, which counts hashes of shingles.

import type { PhaseTask, PreviousTask } from '@gristmill/corpus';
import { partitionOf } from '@gristmill/shards';
import type { OpenRemoval } from './measure-removals.ts';
import type { SelectOptions } from './select-options.ts';

type Pair = Pick<OpenRemoval, 'id' | 'witness'> & { readonly similarity: number };

/** Id → similarity. @param open removals of near duplicates, without a similarity */
export async function recallRemovals(
  task: PhaseTask<SelectOptions>,
  open: readonly OpenRemoval[],
): Promise<Map<string, number>> {
  const { previous } = task;
  if (!previous || open.length === 0) return new Map();
  const witnesses = new Map(open.map(({ id, witness }) => [id, witness]));
  const rows = await previous
    .output('removed')
    .get([...witnesses.keys()], ['witness', 'similarity', 'measure']);
  const same = rows.flatMap(({ id, witness, similarity, measure }): Pair[] =>
    measure === 'jaccard' && witness === witnesses.get(id)
      ? [{ id, witness: witness as string, similarity: similarity as number }]
      : [],
  );
  const standing = await withSameTexts(task, previous, same);
  return new Map((await withoutEdge(task, previous, standing)).map(({ id, similarity }) => [id, similarity]));
}

async function withSameTexts(
  task: PhaseTask<SelectOptions>,
  previous: PreviousTask,
  pairs: readonly Pair[],
): Promise<Pair[]> {
  const open = new Set(pairs.flatMap(({ id, witness }) => [id, witness]));
  if (open.size === 0) return [];
  const before = previous.input('documents');
  for (const part of task.input('documents').parts)
    for await (const { key } of part.changes(before.part(part.partition), ['text'])) open.delete(key);
  return pairs.filter(({ id, witness }) => open.has(id) && open.has(witness));
}

async function withoutEdge(
  { partitions }: PhaseTask<SelectOptions>,
  previous: PreviousTask,
  pairs: readonly Pair[],
): Promise<Pair[]> {
  const witnesses = new Map(pairs.map(({ id, witness }) => [id, witness]));
  const members = await previous.input('members').get([...witnesses.keys()], ['component']);
  const components = new Set(members.map(({ component }) => component as string));
  const measured = new Set<string>();
  for (const [partition, keys] of Map.groupBy(components, (key) => partitionOf(key, partitions))) {
    const edges = await previous.input('edges').part(partition).get(keys, ['a', 'b']);
    const joined = new Set(
      edges.flatMap(({ a, b }) => [`${a as string} ${b as string}`, `${b as string} ${a as string}`]),
    );
    const rows = await previous.input('clusters').part(partition).get(keys, ['id', 'hash']);
    const hashes = new Map(rows.map(({ id, hash }) => [id, hash as string]));
    for (const [id, hash] of hashes) {
      const other = hashes.get(witnesses.get(id) ?? '');
      if (other !== undefined && !joined.has(`${hash} ${other}`)) measured.add(id);
    }
  }
  return pairs.filter(({ id }) => measured.has(id));
}
