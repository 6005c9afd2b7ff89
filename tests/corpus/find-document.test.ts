// Names of documents from which no id was made: the canonical URL that a page itself declares.
import { expect, it } from 'vitest';
import { explainDocument, type Recipe } from '@gristmill/corpus';
import { recipeOf, TestCorpus } from './corpora.ts';

const { steps, ...rest } = recipeOf();
const recipe: Recipe = {
  ...rest,
  steps: [steps[0], { stage: 'annotate', module: './canonical.ts', export: 'canonicalStage' }],
};

/** What extract does for a page. */
const canonicalStage = `export const canonicalStage = {
  name: 'annotate-canonical', version: 1, reads: ['text'],
  columns: [{ name: 'canonicalUrl', type: 'string', optional: true }],
  create: () => ({ id, text }) => ({ id, canonicalUrl: text.split(' ').find((word) => word.startsWith('https:')) }),
};`;

it('are found among all documents, or not at all', async () => {
  await using corpus = await TestCorpus.make(0, recipe);
  await corpus.write('canonical.ts', canonicalStage);
  const posts = Array.from({ length: 40 }, (_, i) => ({
    id: `p${i}`,
    text: i % 3 === 0 ? 'a post' : `at https://example.org/own/${i} it says`,
  }));
  await corpus.write('posts/all.jsonl', posts.map((post) => JSON.stringify(post)).join('\n'));
  await corpus.run();
  const idOf = async (name: string) => (await explainDocument(corpus.store(), name)).id;
  const id = await idOf('posts/all.jsonl/p7');
  expect(await idOf('https://example.org/own/7')).toBe(id);
  expect(await idOf('all.jsonl/p7')).toBe(id);
  for (const name of ['https://example.org/own', 'https://example.org/own/77', 'posts/all.jsonl/none'])
    await expect(idOf(name)).rejects.toMatchObject({ code: 'no-such-document' });
});
