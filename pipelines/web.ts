// Web pages in the order of FineWeb (Penedo et al. 2024, section 3): addresses, text, language, Gopher, C4 without its
// terminal punctuation, FineWeb's own rules, near duplicates by 14 bands of 8, personal data. Added to it: what evaluation
// items and which groups of people are inside, licences, topics, genres. WARC files, lists and sets lie in web-input/.

import type { Recipe } from '@gristmill/corpus';

const annotate = (name: string, options: Recipe['steps'][number]['options'] = {}) => ({
  stage: 'annotate' as const,
  module: '@gristmill/annotate',
  export: name,
  options,
});

export default {
  name: 'web',
  partitions: 16,
  sources: [
    {
      name: 'pages',
      kind: 'web',
      import: { module: '@gristmill/import', export: 'warcImporter' },
      where: { root: '../web-input/warc' },
    },
  ],
  steps: [
    // UT1's folders: adult/domains, adult/urls, …
    annotate('urlListTraining', { folders: ['../web-input/lists'] }),
    annotate('evaluationTraining', { sets: { held: { files: ['../web-input/evaluation.jsonl'] } } }),
    { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
    { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    annotate('topicTraining', { topics: 32 }),
    annotate('urlStage'),
    annotate('languageStage'),
    annotate('heuristicsStage'),
    annotate('personalDataStage'),
    annotate('safetyStage'),
    annotate('groupStage'),
    annotate('licenceStage'),
    annotate('readingStage'),
    annotate('topicStage'),
    annotate('contaminationStage'),
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage', options: { scheme: 'fineweb' } },
    {
      stage: 'select',
      module: '@gristmill/select',
      export: 'selectStage',
      options: {
        // FineWeb drops no page for its words; the data card shows whom `badWords` would hit.
        policies: { web: ['blockedUrl', 'fineweb', 'contamination'] },
        duplicates: { threshold: 0.75 },
        split: { validation: 0.005 },
      },
    },
    {
      stage: 'tokenizer',
      module: '@gristmill/pack',
      export: 'tokenizerStage',
      options: { vocabSize: 32_768 },
    },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ],
} satisfies Recipe;
