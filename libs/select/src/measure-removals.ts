// Similarities of removed documents to their witnesses that no edge gave: those that follow from a star, and those whose
// witness went itself. Measured on the texts, or remembered from the previous build.

import type { PhaseTask } from '@gristmill/corpus';
import { normalizeForDedup, shingles } from '@gristmill/text';
import { recallRemovals } from './recall-removals.ts';
import type { Removal } from './elect-survivors.ts';
import type { RemovalMeasure } from './removal-measure.ts';
import type { SelectOptions } from './select-options.ts';

export type OpenRemoval = Removal & { readonly measure: RemovalMeasure };
export type MeasuredRemoval = OpenRemoval & { readonly similarity: number };

/** So many are measured at a time, that their texts need not be held together. */
const batchSize = 64;

export async function measureRemovals(
  task: PhaseTask<SelectOptions>,
  removals: readonly OpenRemoval[],
): Promise<MeasuredRemoval[]> {
  const unknown = removals.filter(({ similarity }) => similarity === undefined);
  const measured = await recallRemovals(
    task,
    unknown.filter(({ measure }) => measure === 'jaccard'),
  );
  const open = unknown.filter(({ id }) => !measured.has(id));
  for (let from = 0; from < open.length; from += batchSize) {
    const batch = open.slice(from, from + batchSize);
    const ids = [...new Set(batch.flatMap(({ id, witness }) => [id, witness]))];
    const rows = await task.input('documents').get(ids, ['text']);
    const sets = new Map(rows.map((row) => [row.id, shingles(normalizeForDedup(row.text as string))]));
    for (const { id, witness, measure } of batch)
      measured.set(id, similarityOf(sets.get(id)!, sets.get(witness)!, measure));
    await task.progress(0);
  }
  return removals.map((removal) => ({
    ...removal,
    similarity: removal.similarity ?? measured.get(removal.id)!,
  }));
}

function similarityOf(a: ReadonlySet<string>, b: ReadonlySet<string>, measure: RemovalMeasure): number {
  let both = 0;
  for (const shingle of a) if (b.has(shingle)) both++;
  return both / (measure === 'containment' ? Math.min(a.size, b.size) : a.size + b.size - both);
}
