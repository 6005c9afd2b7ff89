// A recipe owns its corpus by its name, and what a run that came to no build did changes nothing that others go by.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  checkCorpus,
  collectGarbage,
  corpusStatus,
  folderRecipeName,
  foreseeForget,
  forget,
  readManifest,
  requireLastRun,
} from '@gristmill/corpus';
import { TestCorpus, recipeOf } from './corpora.ts';

const nowhere = recipeOf().sources.map((source) => ({ ...source, where: { root: 'nowhere' } }));

it('another recipe is refused, before and after the first look, until it adopts the corpus', async () => {
  await using corpus = await TestCorpus.make(10);
  const { build } = (await corpus.run()).manifest!;
  const mine = corpus.recipe;
  await corpus.setRecipe(recipeOf({ name: 'other' }));
  const refused = { code: 'other-recipe', message: expect.stringContaining('test') as string };
  await expect(corpus.run()).rejects.toMatchObject(refused);
  await expect(corpus.run({ only: 'acquire' })).rejects.toMatchObject(refused);
  expect((await requireLastRun(corpus.store())).recipe).toBe(join(corpus.folder, mine));
  const adopted = await corpus.run({ adopt: true });
  expect(adopted.manifest!.recipe.name).toBe('other');
  expect((await corpus.run()).isNew).toBe(false);
  corpus.recipe = mine;
  await expect(corpus.run()).rejects.toMatchObject({ code: 'other-recipe' });
  expect((await readManifest(corpus.store(), build))!.build).toBe(build);
});

it('a run that came to no build is not the one that forget, status and fsck go by', async () => {
  await using corpus = await TestCorpus.make(10);
  await corpus.run();
  const mine = corpus.recipe;
  await corpus.setRecipe(recipeOf({ sources: nowhere }));
  await expect(corpus.run()).rejects.toMatchObject({ code: 'no-source-folder' });
  await corpus.setRecipe(recipeOf({ name: 'other', sources: nowhere }));
  await expect(corpus.run({ adopt: true })).rejects.toMatchObject({ code: 'no-source-folder' });
  const { recipe, lock } = await requireLastRun(corpus.store());
  expect(recipe).toBe(join(corpus.folder, mine));
  const status = await corpusStatus(corpus.store());
  expect(status.steps.map(({ state }) => state)).not.toContain('stale');
  expect((await checkCorpus(corpus.store(), lock)).damages).toEqual([]);
  const report = await forget(corpus.store(), { names: ['notes/twin.txt'], workers: 0 });
  expect(report.documents).toHaveLength(1);
});

it('status tells of a run that took in other documents and came to no build', async () => {
  await using corpus = await TestCorpus.make(10);
  await corpus.run();
  await corpus.write('notes/new.txt', 'a new note');
  const steps = recipeOf().steps.map((step) => ({
    ...step,
    ...(step.stage === 'clean' && { options: { uper: 1 } }),
  }));
  await corpus.setRecipe(recipeOf({ steps }));
  await expect(corpus.run()).rejects.toMatchObject({ code: 'wrong-option' });
  const status = await corpusStatus(corpus.store());
  expect(status.steps.find(({ step }) => step === 'acquire')).toMatchObject({
    state: 'stale',
    why: expect.stringContaining('came to no build') as string,
  });
});

it('a recipe that was moved is found again, also when nothing else changed', async () => {
  await using corpus = await TestCorpus.make(5);
  await corpus.run();
  await corpus.setRecipe(recipeOf());
  expect((await corpus.run()).isNew).toBe(false);
  expect((await requireLastRun(corpus.store())).recipe).toBe(join(corpus.folder, corpus.recipe));
});

it('a recipe made from a folder is kept in the corpus with its lock and pins, and gc leaves them', async () => {
  await using corpus = await TestCorpus.make(10);
  const recipe = recipeOf({ name: folderRecipeName('/home/me/My Notes (2024)') });
  const made = { recipe, folder: corpus.folder };
  const first = await corpus.run({ recipe: made, lock: undefined });
  expect(first.manifest!.recipe.name).toBe('my-notes-2024');
  expect((await corpus.run({ recipe: made, lock: undefined })).isNew).toBe(false);
  await collectGarbage(corpus.store(), { keep: 1 });
  // The corpus may move: what it keeps is found where it is now.
  await corpus.copy('corpus', 'moved');
  const moved = corpus.store('moved');
  const last = await requireLastRun(moved);
  expect(last).toEqual({
    recipe: join(corpus.folder, 'moved/recipe.json'),
    lock: join(corpus.folder, 'moved/recipe.lock'),
  });
  expect((await checkCorpus(moved, last.lock)).damages).toEqual([]);
  await rm(join(corpus.folder, 'corpus'), { recursive: true });
  const report = await forget(moved, { names: ['notes/twin.txt'], workers: 0 });
  expect(report.documents).toHaveLength(1);
  expect((await corpusStatus(moved)).steps.every(({ state }) => state === 'built')).toBe(true);
});

it('a folder gives its name to its recipe', () => {
  const names = ['/a/Notes', '/a/..hidden..', '/a/Größe 2', '/a/日本', '/', '/a/b.c_d/'];
  expect(names.map((name) => folderRecipeName(name))).toEqual([
    'notes',
    'hidden',
    'grosse-2',
    'folder-cf2abf0c',
    'folder-e3b0c442',
    'b.c-d',
  ]);
});

it('tombstones that could not be carried out are told, and the same forget carries them out', async () => {
  await using corpus = await TestCorpus.make(10);
  const before = (await corpus.run()).manifest!.build;
  const posts = await corpus.read('posts/all.jsonl');
  await corpus.remove('posts');
  const unfinished = forget(corpus.store(), { names: ['notes/twin.txt'], workers: 0 });
  await expect(unfinished).rejects.toMatchObject({
    code: 'forget-unfinished',
    message: expect.stringMatching(/^tombstones? written, builds not yet rewritten: .*posts/) as string,
    hint: expect.stringMatching(/gristmill forget .*[0-9a-f]{32}/) as string,
  });
  expect((await readManifest(corpus.store()))!.build).toBe(before);
  await corpus.write('posts/all.jsonl', posts);
  const report = await forget(corpus.store(), { names: ['notes/twin.txt'], workers: 0 });
  expect(report.gc.removedBuilds).toEqual([before]);
});

it('forget can be asked first: nothing is written, and it says which builds would go', async () => {
  await using corpus = await TestCorpus.make(10);
  const first = (await corpus.run()).manifest!.build;
  await corpus.write('notes/late.txt', 'a late note of the miller and his wheel');
  const second = (await corpus.run()).manifest!.build;
  const before = await corpus.store().list('');
  const late = await foreseeForget(corpus.store(), { names: ['notes/late.txt'] });
  expect(late).toMatchObject({
    documents: [{ source: 'notes' }],
    gc: { removedBuilds: [second], kept: [first] },
  });
  const both = await foreseeForget(corpus.store(), { names: ['notes/twin.txt'] });
  expect(both.gc.removedBuilds).toEqual([first, second]);
  expect(await corpus.store().list('')).toEqual(before);
});
