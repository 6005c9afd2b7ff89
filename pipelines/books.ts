// Books: EPUB, Project Gutenberg's texts, Markdown, Word and PDF, in folders or archives, or on sites.
//   GRISTMILL_INPUT=~/library,https://books.example/ npx gristmill run pipelines/books.ts --corpus books

import type { Recipe } from '@gristmill/corpus';
import { sourcesOf } from './text-sources.ts';
import { annotate, textSteps } from './text-steps.ts';

export default {
  name: 'books',
  partitions: 16,
  ...(process.env.GRISTMILL_CONTACT && { contact: process.env.GRISTMILL_CONTACT }),
  sources: sourcesOf({ name: 'books', kind: 'book', importer: 'folderImporter', folder: '../books-input' }),
  steps: textSteps(
    {
      // No rule that was made for web pages judges a novel; editions of one book are found by their chapters.
      policies: {},
      duplicates: { threshold: 0.8 },
      split: { validation: 0.01 },
    },
    { signals: [annotate('licenceStage')] },
  ),
} satisfies Recipe;
