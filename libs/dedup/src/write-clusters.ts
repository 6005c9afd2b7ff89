// What others read of dedup: components of documents joined by an edge of at least .5 or by equal normal forms, named by
// their least id. `members` answers "which component is this document in", `clusters` and `edges` "what is in it".

import type { Row } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import { partitionOf, type TableDefinition } from '@gristmill/shards';
import type { DedupOptions } from './dedup-options.ts';
import type { FormTable } from './form-table.ts';
import { leastEdge, type SimilarPairs } from './similar-pairs.ts';
import { UnionFind } from './union-find.ts';

export const clusterTables: readonly TableDefinition[] = [
  {
    name: 'members',
    columns: [
      { name: 'component', type: 'string' },
      { name: 'hash', type: 'string' },
    ],
  },
  {
    name: 'clusters',
    key: 'component',
    columns: [
      { name: 'id', type: 'string' },
      { name: 'hash', type: 'string' },
      { name: 'length', type: 'int32' },
    ],
  },
  {
    /** Between normal forms, named by hash; in a star, `a` is the centre. */
    name: 'edges',
    key: 'component',
    columns: [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
      { name: 'similarity', type: 'float64' },
      { name: 'star', type: 'boolean' },
      /** Documents of the two forms have one address. */
      { name: 'sameAddress', type: 'boolean' },
    ],
  },
];

export async function writeClusters(
  task: PhaseTask<DedupOptions>,
  table: FormTable,
  pairs: SimilarPairs,
): Promise<void> {
  const sets = joinForms(table, pairs);
  const leastOf = leastDocuments(table, sets);
  const members = [...membersOf(table, sets, leastOf)];
  for (const { document, form, least } of members) {
    const id = table.id(document);
    const row = { id, component: table.id(least), hash: table.hash(form) };
    await (await task.write('members', partitionOf(id, task.partitions))).write(row);
  }
  members.sort((x, y) => x.least - y.least || x.document - y.document);
  for (const { document, form, least } of members) {
    const row = { id: table.id(document), hash: table.hash(form), length: table.lengths[document] };
    await writeUnder(task, 'clusters', table.id(least), row);
  }
  const edges = Uint32Array.from(pairs.codes.keys()).filter((i) => pairs.similarities[i] >= leastEdge);
  const least = (i: number): number => leastOf.get(sets.find(Math.floor(pairs.codes[i] / table.forms)))!;
  edges.sort((i, j) => least(i) - least(j) || i - j);
  for (const i of edges) {
    const [a, b] = [Math.floor(pairs.codes[i] / table.forms), pairs.codes[i] % table.forms];
    const row = {
      a: table.hash(a),
      b: table.hash(b),
      similarity: pairs.similarities[i],
      star: pairs.stars[i] === 1,
      sameAddress: pairs.sameAddress[i] === 1,
    };
    await writeUnder(task, 'edges', table.id(least(i)), row);
  }
  task.count('edges', edges.length);
  task.count('components', leastOf.size);
  task.count('members', members.length);
}

async function writeUnder(
  task: PhaseTask<DedupOptions>,
  name: string,
  component: string,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  const writer = await task.write(name, partitionOf(component, task.partitions));
  // The key column stands for `id` (clusters has a column of that name beside it).
  await writer.write({ component, ...row } as unknown as Row);
}

/** Sets of forms that have an edge, or more than one document. */
function joinForms(table: FormTable, { codes, similarities }: SimilarPairs): UnionFind {
  const sets = new UnionFind();
  for (const [i, code] of codes.entries())
    if (similarities[i] >= leastEdge) sets.join(Math.floor(code / table.forms), code % table.forms);
  for (const [document, form] of table.formOf.entries())
    if (form >= 0 && table.firsts[form] !== document) sets.add(form);
  return sets;
}

/** Root of a set of forms → its least document. */
function leastDocuments(table: FormTable, sets: UnionFind): Map<number, number> {
  const least = new Map<number, number>();
  for (const form of sets.members()) {
    const root = sets.find(form);
    least.set(root, Math.min(least.get(root) ?? Infinity, table.firsts[form]));
  }
  return least;
}

/** Documents of these sets in the order of ids. */
function* membersOf(table: FormTable, sets: UnionFind, leastOf: ReadonlyMap<number, number>) {
  for (const [document, form] of table.formOf.entries()) {
    if (form >= 0 && sets.has(form)) yield { document, form, least: leastOf.get(sets.find(form))! };
  }
}
