import { expect, it } from 'vitest';
import { readManifest } from '@gristmill/corpus';
import { TestCorpus } from './corpora.ts';

it('two ranks on one folder give the bytes of one process', async () => {
  await using corpus = await TestCorpus.make(40);
  await corpus.run();
  const ranks = [0, 1].map((rank) => corpus.run({ corpus: 'shared', rank, ranks: 2 }));
  await Promise.all(ranks);
  expect(await corpus.files('shared')).toEqual(await corpus.files());
});

it('a rank whose fellow is dead does its work too', async () => {
  await using corpus = await TestCorpus.make(20);
  const { effort } = await corpus.run();
  const alone = await corpus.run({ corpus: 'alone', rank: 1, ranks: 2 });
  expect(await corpus.files('alone')).toEqual(await corpus.files());
  const computed = (of: typeof effort) =>
    Object.fromEntries(Object.entries(of).map(([step, { computed }]) => [step, computed]));
  expect(computed(alone.effort)).toEqual(computed(effort));
});

it('a second build of a corpus is refused while the first lives, and ranks must be in range', async () => {
  await using corpus = await TestCorpus.make(20);
  const first = corpus.run({ workers: 1 });
  const second = corpus.run();
  const outcomes = await Promise.allSettled([first, second]);
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(failed.map(({ reason }) => (reason as { code: string }).code)).toEqual(['corpus-busy']);
  expect(await readManifest(corpus.store())).toBeDefined();
  await expect(corpus.run({ rank: 2, ranks: 2 })).rejects.toMatchObject({ code: 'wrong-rank' });
});

it('the lease of a build that died is taken over', async () => {
  await using corpus = await TestCorpus.make(20);
  const host = (await import('node:os')).hostname();
  await corpus.write(
    'corpus/lease/build.x.json',
    JSON.stringify({ holder: 'x', name: 'build', host, pid: 4_000_000, started: '1' }),
  );
  await corpus.run();
  expect(await readManifest(corpus.store())).toBeDefined();
});

it('ranks that are started anew after a crash take nothing of what was read before an edit', async () => {
  await using corpus = await TestCorpus.make(40);
  const run = (rank: number) => corpus.run({ corpus: 'shared', rank, ranks: 2 });
  await Promise.all([run(0), run(1)]);
  // As if both had been killed after the last part of acquire, before it was remembered or built on.
  const store = corpus.store('shared');
  await store.remove('log/acquire.json');
  for (const { path } of await store.list('manifest')) await store.remove(path);
  for (let number = 0; number < 40; number++) {
    const path = `notes/${number % 5}/note-${number}.txt`;
    const text = await corpus.read(path);
    await corpus.write(
      path,
      text.replace(/[a-z]/g, (letter) => (letter === 'z' ? 'a' : 'z')),
    );
  }
  const builds = [await run(0), await run(1)].map(({ manifest }) => manifest!.build);
  const { manifest } = await corpus.run({ corpus: 'fresh' });
  expect(builds).toEqual([manifest!.build, manifest!.build]);
  expect(await corpus.files('shared')).toEqual(await corpus.files('fresh'));
});

it('ranks that see other texts under the same names and sizes stop', async () => {
  await using corpus = await TestCorpus.make(20);
  const text = await corpus.read('notes/1/note-1.txt');
  for (const part of ['notes', 'posts', corpus.recipe]) await corpus.copy(part, `elsewhere/${part}`);
  await corpus.write('elsewhere/notes/1/note-1.txt', text.replaceAll('e', 'o'));
  const ends = await Promise.allSettled([
    corpus.run({ corpus: 'shared', rank: 0, ranks: 2 }),
    corpus.run({
      corpus: 'shared',
      rank: 1,
      ranks: 2,
      recipe: `${corpus.folder}/elsewhere/${corpus.recipe}`,
    }),
  ]);
  expect(
    ends.map((end) => (end.status === 'rejected' ? (end.reason as { code: string }).code : 'ok')),
  ).toContain('ranks-differ');
});
