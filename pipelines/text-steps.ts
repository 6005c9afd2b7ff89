// The stages after acquire that recipes for texts share: what differs between kinds of source is what select is told, and
// which signals are measured beside the usual ones.

import type { Recipe } from '@gristmill/corpus';

type Steps = Recipe['steps'];
type Options = Steps[number]['options'];

export interface MoreSteps {
  /** Lists, sets and models that are pinned before anything is read. */
  readonly pinned?: Steps;
  /** Signals beside language, heuristics and personal data. */
  readonly signals?: Steps;
  readonly dedup?: Options;
  readonly vocabSize?: number;
}

/** A signal, or what one learns from. */
export const annotate = (name: string, options?: Options): Steps[number] => ({
  stage: 'annotate',
  module: '@gristmill/annotate',
  export: name,
  ...(options && { options }),
});

/** Text, repairs, signals, duplicates, selection, tokens. */
export function textSteps(
  select: Options,
  { pinned = [], signals = [], dedup, vocabSize = 32_768 }: MoreSteps = {},
): Steps {
  return [
    ...pinned,
    { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
    { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    annotate('languageStage'),
    annotate('heuristicsStage'),
    annotate('personalDataStage'),
    ...signals,
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage', ...(dedup && { options: dedup }) },
    { stage: 'select', module: '@gristmill/select', export: 'selectStage', options: select },
    { stage: 'tokenizer', module: '@gristmill/pack', export: 'tokenizerStage', options: { vocabSize } },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ];
}
