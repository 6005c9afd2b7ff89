// Duplicates as a stage of a build. It writes every verified edge of at least .5 and removes nothing.

import type { BarrierStage } from '@gristmill/corpus';
import { dedupOptions, resolveDedupOptions, type DedupOptions } from './dedup-options.ts';
import { pairPhase } from './pair-phase.ts';
import { signaturePhase } from './signature-phase.ts';

export const dedupStage: BarrierStage<DedupOptions> = {
  name: 'dedup',
  version: 4,
  description:
    "Finds equal and similar documents (MinHash, every pair verified). It removes nothing: thresholds are select's.",
  options: dedupOptions,
  check: (options) => void resolveDedupOptions(options),
  phases: [signaturePhase, pairPhase],
};
