// The stage `tokenizer` on a sample of the training split.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Recipe } from '@gristmill/corpus';
import { TestCorpus, recipeOf } from '../corpus/corpora.ts';

const select = new URL('./stand-in-select.ts', import.meta.url).pathname;

type Options = NonNullable<Recipe['steps'][number]['options']>;

function recipe(sample?: Options): Recipe {
  const whole = recipeOf();
  return {
    ...whole,
    steps: [
      ...whole.steps.filter(({ stage }) => stage === 'extract' || stage === 'clean'),
      { stage: 'select', module: select, export: 'selectStage' },
      {
        stage: 'tokenizer',
        module: '@gristmill/pack',
        export: 'tokenizerStage',
        options: sample ? { vocabSize: 500, sample } : { vocabSize: 500 },
      },
      { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
    ],
  };
}

/** The tokenizer that a build of the same sources trains. */
async function trained(sample?: Options, workers = 0): Promise<string> {
  await using corpus = await TestCorpus.make(60, recipe(sample));
  for (let i = 0; i < 6; i++)
    await corpus.write(`notes/odd-${i}.txt`, `number ${i} `.concat('qwertz '.repeat(40)));
  await corpus.run({ workers });
  const [key] = await readdir(join(corpus.folder, 'corpus', 'tokens'));
  return readFile(join(corpus.folder, 'corpus', 'tokens', key, 'tokenizer.json'), 'utf8');
}

test('learns from the sources that have a weight, the same with any number of threads', async () => {
  const posts = await trained({ sources: { notes: 0 } });
  expect(posts).not.toContain('qwertz');
  expect(await trained()).toContain('qwertz');
  const half = { bytes: 3000, seed: 3, sources: { notes: 1, posts: 1 } };
  expect(await trained(half, 2)).toBe(await trained(half));
});

test('names an option that a sample lacks', async () => {
  await expect(trained({ byte: 3 })).rejects.toMatchObject({ code: 'tokenizer-option' });
});
