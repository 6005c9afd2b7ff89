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
  await corpus.run();
  await corpus.run({ corpus: 'alone', rank: 1, ranks: 2 });
  expect(await corpus.files('alone')).toEqual(await corpus.files());
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
