// The number of threads changes no file that dedup and select write.
import { expect, it } from 'vitest';
import { recipeOf, TestCorpus } from '../corpus/corpora.ts';
import { makeNearTexts } from '../dedup/near-texts.ts';

const { steps, ...rest } = recipeOf();
const recipe = {
  ...rest,
  steps: [
    ...steps.filter(({ stage }) => ['extract', 'clean', 'annotate'].includes(stage)),
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
    { stage: 'select', module: '@gristmill/select', export: 'selectStage' },
  ],
} as typeof rest & { steps: typeof steps };

it('dedup and select give the same files with 1, 2 and 4 threads, when building and when updating', async () => {
  await using corpus = await TestCorpus.make(0, recipe);
  const write = (texts: readonly object[]) =>
    corpus.write('posts/all.jsonl', texts.map((line) => JSON.stringify(line)).join('\n'));
  const texts = makeNearTexts(200, 13);
  const threads = [1, 2, 4];
  for (const some of [texts.slice(0, 180), texts.slice(9)]) {
    await write(some);
    const files = [];
    for (const workers of threads) {
      await corpus.run({ corpus: `threads-${workers}`, workers });
      files.push(await corpus.files(`threads-${workers}`));
    }
    for (const other of files.slice(1)) expect(other).toEqual(files[0]);
  }
}, 120_000);
