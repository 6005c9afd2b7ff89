// Phase `contamination`: the evaluation items found in kept documents, beside the shards. A phase of its own, so that
// another evaluation set rewrites this file alone. Where no step looked for contamination there is no file.

import type { Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import { formatContamination } from '@gristmill/shards';
import type { PackOptions } from './pack-options.ts';

export const contaminationPhase: Phase<PackOptions> = {
  name: 'contamination',
  over: 'whole',
  inputs: () => [
    { name: 'documents', columns: ['contamination'], parts: 'all', optional: true },
    { name: 'decisions', table: 'select/decisions', columns: ['keep', 'split'], parts: 'all' },
  ],
  tables: [],
  run: writeContamination,
};

async function writeContamination(task: PhaseTask<PackOptions>): Promise<void> {
  const { parts } = task.input('documents');
  if (!parts.some((part) => part.digests.contamination)) return;
  const found: Parameters<typeof formatContamination>[0][number][] = [];
  for (const part of parts) {
    const hits = new Map<string, Row['contamination']>();
    for await (const { keys, columns } of part.batches(['contamination']))
      columns.contamination.forEach((hit, i) => hit !== undefined && hits.set(keys[i], hit));
    if (hits.size === 0) continue;
    const decisions = task.input('decisions').part(part.partition);
    for (const { id, keep, split } of await decisions.get([...hits.keys()], ['keep', 'split'])) {
      if (keep !== true) continue;
      for (const hit of hits.get(id) as Omit<(typeof found)[number], 'id' | 'split'>[])
        found.push({ ...hit, id, split: split as string });
    }
  }
  task.count('contaminated', new Set(found.map(({ id }) => id)).size);
  await task.replaceFile('contamination.jsonl', formatContamination(found));
}
