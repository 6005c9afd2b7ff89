// The stages after acquire that recipes for texts share: what differs between kinds of source is what select is told.

import type { Recipe } from '@gristmill/corpus';

const annotate = (name: string) => ({
  stage: 'annotate' as const,
  module: '@gristmill/annotate',
  export: name,
});

/** Text, repairs, signals, duplicates, selection, tokens. */
export function textSteps(select: Recipe['steps'][number]['options'], vocabSize = 32_768): Recipe['steps'] {
  return [
    { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
    { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    annotate('languageStage'),
    annotate('heuristicsStage'),
    annotate('personalDataStage'),
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
    { stage: 'select', module: '@gristmill/select', export: 'selectStage', options: select },
    { stage: 'tokenizer', module: '@gristmill/pack', export: 'tokenizerStage', options: { vocabSize } },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ];
}
