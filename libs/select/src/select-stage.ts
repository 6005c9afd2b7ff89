// The only stage that decides: what sites said about training, policies over signals, survivors among duplicates, copies of repeated text, splits.

import type { BarrierStage } from '@gristmill/corpus';
import { cutPhase } from './cut-phase.ts';
import { decisionPhase } from './decision-phase.ts';
import { electPhase } from './elect-phase.ts';
import { eligiblePhase } from './eligible-phase.ts';
import { resolveSelectOptions, selectOptions, type SelectOptions } from './select-options.ts';

export const selectStage: BarrierStage<SelectOptions> = {
  name: 'select',
  version: 4,
  description:
    'The only stage that decides: what sites said about training, policies over signals, the survivor of each duplicate, repeated text, the split. Thresholds of a policy in use stand under its name: `gopher: {minWords: 20}`.',
  options: selectOptions,
  check: (options) => void resolveSelectOptions(options),
  phases: [eligiblePhase, electPhase, cutPhase, decisionPhase],
};
