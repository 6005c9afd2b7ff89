// Wikipedia, or any other wiki of MediaWiki, from its dumps (https://dumps.wikimedia.org, *-pages-articles.xml.bz2), which lie in
// wikipedia-input/ as they were fetched. One dump keeps all threads busy; pages that only lead elsewhere and talk are left
// out. Articles were written and read by many: they are judged by no rule but length, and by what else says the same.

import type { Recipe } from '@gristmill/corpus';
import { textSteps } from './text-steps.ts';

export default {
  name: 'wikipedia',
  partitions: 32,
  sources: [
    {
      name: 'wikipedia',
      kind: 'article',
      licence: 'CC-BY-SA-4.0',
      import: { module: '@gristmill/import', export: 'mediawikiImporter', options: { namespaces: ['0'] } },
      where: { root: '../wikipedia-input' },
    },
  ],
  steps: textSteps({ duplicates: { threshold: 0.8 }, split: { validation: 0.005 } }),
} satisfies Recipe;
