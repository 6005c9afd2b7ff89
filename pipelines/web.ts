// Web pages in the order of FineWeb (Penedo et al. 2024, section 3): addresses, text, language, Gopher, C4 without its
// terminal punctuation, FineWeb's own rules, near duplicates by 14 bands of 8, personal data. Added to it: what evaluation
// items and which groups of people are inside, licences, topics, genres. WARC files, lists and sets lie in web-input/; other
// archives, folders and sites are named in GRISTMILL_INPUT.

import type { Recipe } from '@gristmill/corpus';
import { sourcesOf } from './text-sources.ts';
import { annotate, textSteps } from './text-steps.ts';

export default {
  name: 'web',
  partitions: 16,
  ...(process.env.GRISTMILL_CONTACT && { contact: process.env.GRISTMILL_CONTACT }),
  sources: sourcesOf({ name: 'pages', kind: 'web', importer: 'warcImporter', folder: '../web-input/warc' }),
  steps: textSteps(
    {
      // FineWeb drops no page for its words; the data card shows whom `badWords` would hit.
      policies: { web: ['blockedUrl', 'fineweb', 'contamination'] },
      duplicates: { threshold: 0.75 },
      split: { validation: 0.005 },
    },
    {
      pinned: [
        // UT1's folders: adult/domains, adult/urls, …
        annotate('urlListTraining', { folders: ['../web-input/lists'] }),
        annotate('evaluationTraining', { sets: { held: { files: ['../web-input/evaluation.jsonl'] } } }),
      ],
      signals: [
        annotate('topicTraining', { topics: 32 }),
        ...'urlStage safetyStage groupStage licenceStage readingStage topicStage contaminationStage'
          .split(' ')
          .map((name) => annotate(name)),
      ],
      dedup: { scheme: 'fineweb' },
    },
  ),
} satisfies Recipe;
