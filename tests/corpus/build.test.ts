import { describe, expect, it } from 'vitest';
import { DataError } from '@gristmill/core';
import { droppedShare, makeFunnel, type RunOutcome } from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import { TestCorpus, makeText, recipeOf } from './corpora.ts';

const computed = (outcome: RunOutcome) =>
  Object.fromEntries(makeFunnel(outcome).map(({ step, computedRows }) => [step, computedRows]));

/** A build from nothing with the same sources, lock and recipe. */
async function fromNothing(corpus: TestCorpus): Promise<Record<string, string>> {
  await corpus.run({ corpus: 'fresh' });
  const files = await corpus.files('fresh');
  await corpus.remove('fresh');
  return files;
}

describe('a build', () => {
  it('goes from files to shards, counts what it dropped, and is published in a manifest', async () => {
    await using corpus = await TestCorpus.make();
    const outcome = await corpus.run();
    const funnel = Object.fromEntries(makeFunnel(outcome).map((row) => [row.step, row]));
    expect(funnel.acquire).toMatchObject({ documentsIn: 92, documentsOut: 92 });
    expect(funnel.extract).toMatchObject({ documentsIn: 92, documentsOut: 91, drops: { empty: 1 } });
    expect(funnel.clean).toMatchObject({ documentsIn: 91, documentsOut: 91 });
    expect(funnel.dedup.documentsOut).toBe(90);
    expect(funnel.pack.tokensOut).toBeGreaterThan(1000);
    expect(droppedShare(outcome)).toBeCloseTo(1 / 92);
    const files = Object.keys(await corpus.files());
    expect(files.filter((path) => path.startsWith('tokens/'))).toHaveLength(4);
    expect(await corpus.read(`corpus/${Object.keys(outcome.manifest!.current)[0]}`)).toContain('shard-');
  });

  it('run again computes nothing and changes no file', async () => {
    await using corpus = await TestCorpus.make();
    const first = await corpus.run();
    const again = await corpus.run();
    expect(again.isNew).toBe(false);
    expect(again.manifest!.build).toBe(first.manifest!.build);
    expect(Object.values(computed(again)).every((rows) => rows === 0)).toBe(true);
  });

  it('gives the same bytes with 0 and 2 threads, and whatever lies around it', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.run();
    await corpus.run({ corpus: 'threads', workers: 2 });
    expect(await corpus.files('threads')).toEqual(await corpus.files());
  });

  it('run again opens no data file', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.run();
    const read: string[] = [];
    const disk = corpus.store();
    const store: Store = { ...disk, read: (path, ...range) => (read.push(path), disk.read(path, ...range)) };
    const isData = (path: string) =>
      !/^log\/|^manifests?[/.]|^corpus\.json$|\.commit$|^raw\/tombstones/.test(path);
    await corpus.run({ store });
    expect(read.filter(isData)).toEqual([]);
    await corpus.write('notes/0/note-0.txt', 'another text, long enough to be kept as it is');
    await corpus.run({ store });
    expect(read.filter(isData)).not.toEqual([]);
  });

  it('after changing, adding and deleting computes these rows only, to the bytes of a build from nothing', async () => {
    await using corpus = await TestCorpus.make(200);
    await corpus.run();
    await corpus.write('notes/1/note-1.txt', 'a changed note, longer than it was before');
    await corpus.write('notes/new.txt', makeText(5000));
    await corpus.remove('notes/2/note-2.txt');
    const outcome = await corpus.run();
    expect(computed(outcome)).toMatchObject({ acquire: 2, extract: 2, clean: 2, 'annotate-length': 2 });
    expect(outcome.isNew).toBe(true);
    expect(await corpus.files()).toEqual(await fromNothing(corpus));
  });

  it('a changed line of a container computes that line only', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.run();
    const posts = (await corpus.read('posts/all.jsonl')).split('\n');
    posts[7] = JSON.stringify({ id: 'p7', text: 'another text for this post' });
    await corpus.write('posts/all.jsonl', posts.reverse().join('\n'));
    expect(computed(await corpus.run())).toMatchObject({ extract: 1, clean: 1 });
    expect(await corpus.files()).toEqual(await fromNothing(corpus));
  });

  it('a changed option computes the steps from there on; changing it back finds the old parts', async () => {
    await using corpus = await TestCorpus.make();
    const first = await corpus.run();
    const recipe = recipeOf();
    await corpus.setRecipe({
      ...recipe,
      steps: recipe.steps.map((step) => (step.stage === 'clean' ? { ...step, options: {} } : step)),
    });
    const other = await corpus.run();
    expect(computed(other)).toMatchObject({ acquire: 0, extract: 0, clean: 91 });
    expect(await corpus.files()).toEqual(await fromNothing(corpus));
    await corpus.setRecipe(recipe);
    const back = await corpus.run();
    expect(computed(back)).toMatchObject({ clean: 0 });
    expect(back.manifest!.build).toBe(first.manifest!.build);
  });

  it('is the same when the sources lie elsewhere', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.run();
    await corpus.copy('notes', 'elsewhere');
    const recipe = recipeOf();
    await corpus.setRecipe({
      ...recipe,
      sources: [{ ...recipe.sources[0], where: { root: 'elsewhere' } }, recipe.sources[1]],
    });
    await corpus.run({ corpus: 'moved' });
    expect(await corpus.files('moved')).toEqual(await corpus.files());
  });

  it('loses its log and rereads everything to the same build', async () => {
    await using corpus = await TestCorpus.make();
    const first = await corpus.run();
    await corpus.remove('corpus/log');
    const again = await corpus.run();
    expect(again.manifest!.build).toBe(first.manifest!.build);
    expect(computed(again).extract).toBe(0);
  });

  it('a document that makes a stage throw is dropped with a verdict, the run goes on', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.write('notes/bad.txt', 'CRASH the stage');
    const funnel = makeFunnel(await corpus.run());
    expect(funnel.find(({ step }) => step === 'extract')!.drops).toEqual({ empty: 1, failed: 1 });
  });

  it('of two items with one id the same is current whatever came first, and the other returns when that one goes', async () => {
    await using corpus = await TestCorpus.make(10);
    const page = (text: string) => JSON.stringify({ id: '', url: 'http://example.org/', text });
    await corpus.write('posts/a.jsonl', page('one version of the page'));
    await corpus.run();
    await corpus.write('posts/b.jsonl', page('second version of the page'));
    await corpus.run();
    const both = await corpus.files();
    expect(both).toEqual(await fromNothing(corpus));
    for (const [gone, stays] of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      await corpus.copy(`posts/${gone}.jsonl`, `kept-${gone}`);
      await corpus.remove(`posts/${gone}.jsonl`);
      await corpus.run();
      expect(await corpus.files(), `only ${stays} is left`).toEqual(await fromNothing(corpus));
      await corpus.copy(`kept-${gone}`, `posts/${gone}.jsonl`);
      await corpus.run();
      expect(await corpus.files()).toEqual(both);
    }
  });

  it('with no documents at all ends well', async () => {
    const sources = recipeOf().sources.map((source) => ({ ...source, mayBeEmpty: true }));
    await using corpus = await TestCorpus.make(0, recipeOf({ sources }));
    await corpus.remove('notes');
    await corpus.write('notes/.hidden', 'x');
    await corpus.remove('posts/all.jsonl');
    const outcome = await corpus.run();
    expect(makeFunnel(outcome)[0].documentsIn).toBe(0);
    expect(await corpus.files()).toEqual(await fromNothing(corpus));
  });
});

describe('pins', () => {
  it('are used by later runs, drift is told, and --retrain pins anew', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.run();
    const lock = await corpus.read('test.lock');
    await corpus.write('notes/new.txt', 'zebras quiz: 12345 §§');
    const drifted = await corpus.run();
    expect(drifted.drift).toEqual(['tokenizer']);
    expect(await corpus.read('test.lock')).toBe(lock);
    const retrained = await corpus.run({ retrain: 'tokenizer' });
    expect(await corpus.read('test.lock')).not.toBe(lock);
    expect(retrained.drift).toEqual([]);
    expect(await corpus.files()).toEqual(await fromNothing(corpus));
  });

  it('trained with other options stop the run with a hint', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.run();
    const recipe = recipeOf();
    await corpus.setRecipe({
      ...recipe,
      steps: recipe.steps.map((step) =>
        step.stage === 'tokenizer' ? { ...step, options: { size: 9 } } : step,
      ),
    });
    await expect(corpus.run()).rejects.toMatchObject({
      code: 'pin-options',
      hint: expect.stringContaining('--retrain tokenizer') as string,
    });
  });

  it('that are damaged or missing are named', async () => {
    await using corpus = await TestCorpus.make();
    await corpus.run();
    const { artefacts } = JSON.parse(await corpus.read('test.lock')) as {
      artefacts: { tokenizer: { sha256: string } };
    };
    await corpus.write(`test.pins/${artefacts.tokenizer.sha256}`, 'other');
    await expect(corpus.run()).rejects.toMatchObject({ code: 'pin-damaged' });
    await corpus.remove('test.pins');
    await expect(corpus.run()).rejects.toMatchObject({ code: 'pin-damaged' });
  });
});

describe('a wrong recipe', () => {
  const recipe = recipeOf();
  it.each([
    ['an unknown name', { ...recipe, dropTreshold: 1 }, 'wrong-recipe', 'dropTreshold'],
    ['a wrong value', { ...recipe, partitions: 3 }, 'wrong-recipe', 'partitions'],
    [
      'an unknown kind',
      { ...recipe, sources: [{ ...recipe.sources[0], kind: 'film' }] },
      'wrong-recipe',
      'sources[0].kind',
    ],
    [
      'an unknown stage',
      { ...recipe, steps: [{ ...recipe.steps[0], stage: 'mill' }] },
      'wrong-recipe',
      'steps[0].stage',
    ],
    [
      'a function',
      { ...recipe, steps: [{ ...recipe.steps[0], options: { f: undefined, g: [() => 1] } }] },
      'wrong-recipe',
      '',
    ],
    [
      'an unknown module',
      { ...recipe, steps: [{ ...recipe.steps[0], module: './none.ts' }] },
      'unknown-module',
      'none.ts',
    ],
    [
      'an unknown export',
      { ...recipe, steps: [{ ...recipe.steps[0], export: 'none' }] },
      'unknown-export',
      'none',
    ],
    ['a column that nobody writes', { ...recipe, steps: [recipe.steps[1]] }, 'no-such-column', 'text'],
    [
      'a wrong option of a stage',
      { ...recipe, steps: [recipe.steps[0], { ...recipe.steps[1], options: { uper: true } }] },
      'wrong-option',
      'uper',
    ],
    ['a stage twice', { ...recipe, steps: [recipe.steps[0], recipe.steps[0]] }, 'wrong-recipe', 'extract'],
    [
      'a missing folder',
      { ...recipe, sources: [{ ...recipe.sources[0], where: { root: 'none' } }] },
      'no-source-folder',
      'none',
    ],
  ])('%s is one sentence that names it', async (_title, wrong, code, named) => {
    await using corpus = await TestCorpus.make(4);
    await corpus.setRecipe(wrong);
    if (code === 'wrong-recipe' && named === '') return; // a function does not survive JSON: nothing to test from a file
    const error: unknown = await corpus.run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(named) as string });
  });

  it('another number of partitions in the same folder is refused', async () => {
    await using corpus = await TestCorpus.make(4);
    await corpus.run();
    await corpus.setRecipe(recipeOf({ partitions: 8 }));
    await expect(corpus.run()).rejects.toMatchObject({ code: 'other-partitions' });
  });
});
