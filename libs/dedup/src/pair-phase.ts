// Phase `pairs`: every proposed pair of the corpus verified on text, then components. After a small change only what it
// concerns is computed (update-pairs.ts), else the whole, from all signatures; then texts are read and compared only for
// pairs that the previous build did not measure: a similarity depends on the two texts' hashes alone.

import type { Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import { partitionOf, type TableDefinition } from '@gristmill/shards';
import { addressPairs } from './address-pairs.ts';
import { clusterTables, writeClusters } from './write-clusters.ts';
import { resolveDedupOptions, type DedupOptions } from './dedup-options.ts';
import { openForms, type FormTable } from './form-table.ts';
import { measurePairs } from './measure-texts.ts';
import { addPairs, findSimilarPairs, type SimilarPairs } from './similar-pairs.ts';
import { updatePairs } from './update-pairs.ts';

export const pairTable: TableDefinition = {
  name: 'pairs',
  key: 'a',
  columns: [
    { name: 'b', type: 'string' },
    { name: 'similarity', type: 'float64' },
    { name: 'star', type: 'boolean' },
    { name: 'sameAddress', type: 'boolean' },
  ],
};

export const pairPhase: Phase<DedupOptions> = {
  name: 'pairs',
  over: 'whole',
  inputs: () => [
    { name: 'documents', columns: ['text'], parts: 'all' },
    {
      name: 'signatures',
      table: 'signatures',
      columns: ['hash', 'words', 'length', 'bands', 'sketch', 'address'],
      parts: 'all',
    },
  ],
  tables: [pairTable, ...clusterTables],
  run: writePairs,
};

async function writePairs(task: PhaseTask<DedupOptions>): Promise<void> {
  if (!(await updatePairs(task))) await computePairs(task);
}

/** The whole, whatever the previous build has; similarities that it measured are reused. */
export async function computePairs(task: PhaseTask<DedupOptions>): Promise<void> {
  const { scheme } = resolveDedupOptions(task.options);
  const table = await openForms(task.input('signatures'), scheme);
  const measure = (codes: Float64Array) =>
    measurePairs(task, table, codes, { measure: 'jaccard', previous: 'pairs' });
  const similar = await findSimilarPairs(table.source, scheme, measure);
  const pairs = await addPairs(similar, await addressPairs(task.input('signatures'), table), measure);
  await writePairTable(task, table, pairs);
  await writeClusters(task, table, pairs);
}

async function writePairTable(
  task: PhaseTask<DedupOptions>,
  table: FormTable,
  { codes, similarities, stars, sameAddress }: SimilarPairs,
): Promise<void> {
  for (const [i, code] of codes.entries()) {
    const a = table.hash(Math.floor(code / table.forms));
    const b = table.hash(code % table.forms);
    const writer = await task.write('pairs', partitionOf(a, task.partitions));
    // The key column stands for `id`.
    const flags = { star: stars[i] === 1, sameAddress: sameAddress[i] === 1 };
    await writer.write({ a, b, similarity: similarities[i], ...flags } as unknown as Row);
  }
}
