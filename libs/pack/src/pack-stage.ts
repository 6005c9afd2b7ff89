// The last stage of a corpus: kept documents become tokens, tokens become shards. It applies select's removals, masks
// personal data, tokenises what changed and writes `tokens/<key>/`, which training needs nothing else beside.
// It does not pack sequences or mix sources: that happens at reading (libs/shards, loader).

import type { BarrierStage } from '@gristmill/corpus';
import { contaminationPhase } from './contamination-phase.ts';
import { documentPhase } from './document-table.ts';
import { packOptions, resolvePackOptions, type PackOptions } from './pack-options.ts';
import { shardPhase } from './shard-phase.ts';

export const packStage: BarrierStage<PackOptions> = {
  name: 'pack',
  version: 3,
  description: 'Masks, tokenises and writes shards into tokens/KEY/, all that training needs.',
  options: packOptions,
  packages: ['apache-arrow'],
  artefacts: (options) => [resolvePackOptions(options).tokenizer],
  check: (options) => void resolvePackOptions(options),
  phases: [documentPhase, shardPhase, contaminationPhase],
};
