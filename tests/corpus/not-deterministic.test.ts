import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { checkCorpus } from '@gristmill/corpus';
import { recipeOf, TestCorpus } from './corpora.ts';

const fileOf = (name: string) => new URL(name, import.meta.url).pathname;
const recipe = recipeOf({
  partitions: 1,
  steps: [
    { stage: 'extract', module: fileOf('./stand-ins.ts'), export: 'extractStage' },
    { stage: 'annotate', module: fileOf('./dice-stage.ts'), export: 'diceStage' },
  ],
});
const error = {
  code: 'not-deterministic',
  message: 'stage annotate-dice gave other bytes for partition 0 than before',
};
afterEach(() => void delete process.env.DICE_OTHER);

it('a stage that gives other bytes is an error, and what stood before is left alone', async () => {
  await using corpus = await TestCorpus.make(10, recipe);
  await corpus.run({ corpus: 'other' });
  const dice = (name: string) => join(corpus.folder, name, 'annotate-dice');
  process.env.DICE_OTHER = `${dice('other')}:${dice('corpus')}`;
  await expect(corpus.run()).rejects.toMatchObject(error);
  delete process.env.DICE_OTHER;
  // The other worker goes on.
  expect((await corpus.run()).manifest).toBeDefined();
  expect(await corpus.files()).toEqual(await corpus.files('other'));
  expect((await checkCorpus(corpus.store())).damages).toEqual([]);
});

it('where its own bytes had come over the others, the task is undone', async () => {
  await using corpus = await TestCorpus.make(10, recipe);
  await corpus.run({ corpus: 'other' });
  const dice = (name: string) => join(corpus.folder, name, 'annotate-dice');
  await cp(dice('other'), dice('markers'), { recursive: true, filter: (path) => !path.endsWith('.parquet') });
  process.env.DICE_OTHER = `${dice('markers')}:${dice('corpus')}`;
  await expect(corpus.run()).rejects.toMatchObject(error);
  delete process.env.DICE_OTHER;
  expect((await corpus.store().list('annotate-dice/')).map(({ path }) => path)).toEqual([]);
  await corpus.run();
  expect((await checkCorpus(corpus.store())).damages).toEqual([]);
});

it('a damaged part without a marker is no such error', async () => {
  await using corpus = await TestCorpus.make(10, recipe);
  await corpus.run();
  const store = corpus.store();
  const files = await store.list('annotate-dice/');
  const [part] = files.filter(({ path }) => path.endsWith('.parquet'));
  await store.replace(part.path, (await store.read(part.path)).subarray(9));
  for (const { path } of files) if (path.endsWith('.commit')) await store.remove(path);
  await rm(join(corpus.folder, 'corpus', 'log'), { recursive: true });
  await corpus.run();
  expect((await checkCorpus(store)).builds.length).toBeGreaterThan(0);
});
