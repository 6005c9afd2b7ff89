// Posts of people who answer each other, a document a thread: exports of Mastodon (outbox.json, or the archive that holds it),
// Reddit's monthly files (RS_, RC_, Zstandard), Posts.xml of Stack Exchange. They lie in posts-input/. Names become HMACs
// under GRISTMILL_AUTHOR_KEY, which must be set; personal data in the texts is masked by pack.

import type { Recipe } from '@gristmill/corpus';
import { textSteps } from './text-steps.ts';

export default {
  name: 'posts',
  partitions: 32,
  sources: [
    {
      name: 'posts',
      kind: 'post',
      import: { module: '@gristmill/import', export: 'postsImporter' },
      where: { root: '../posts-input' },
    },
  ],
  // A thread is a group: none is divided between training and validation.
  steps: textSteps({ duplicates: { threshold: 0.8 }, split: { validation: 0.005 } }),
} satisfies Recipe;
