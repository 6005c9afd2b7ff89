// Articles: JATS, LaTeX sources as arXiv keeps them, PDF, feeds (RSS, RDF, Atom, JSON Feed) and pages, in folders or
// archives, or on sites.
//   GRISTMILL_INPUT=~/papers,https://journal.example/ npx gristmill run pipelines/articles.ts --corpus articles

import type { Recipe } from '@gristmill/corpus';
import { sourcesOf } from './text-sources.ts';
import { annotate, textSteps } from './text-steps.ts';

export default {
  name: 'articles',
  partitions: 16,
  ...(process.env.GRISTMILL_CONTACT && { contact: process.env.GRISTMILL_CONTACT }),
  sources: sourcesOf({
    name: 'articles',
    kind: 'article',
    importer: 'folderImporter',
    folder: '../articles-input',
  }),
  steps: textSteps(
    {
      // Formulas and tables are no words: half of the words need a letter instead of eight in ten.
      policies: { article: ['gopher'] },
      gopher: { minAlphaWordFraction: 0.5 },
      duplicates: { threshold: 0.8 },
      split: { validation: 0.01 },
    },
    { signals: [annotate('licenceStage')] },
  ),
} satisfies Recipe;
