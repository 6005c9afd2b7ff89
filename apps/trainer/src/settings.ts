// What a training run is told, with the defaults of nanoGPT and GPT-3 where they agree. A config file (JSON), a preset
// and --set give these names.

import type { AdamWOptions, MuonOptions } from '@gristmill/models';

export interface OptimizerSettings extends AdamWOptions {
  readonly name: 'adamw' | 'muon';
  /** Greatest global norm of the gradient; 0: no clipping. */
  readonly clip: number;
  /** For the matrices inside blocks when name is muon; the rest goes to AdamW. */
  readonly muon: MuonOptions;
}
