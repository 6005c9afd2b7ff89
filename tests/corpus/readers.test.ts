import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkCorpus, collectGarbage, readManifest, removeDamaged } from '@gristmill/corpus';
import { takeLease } from '../../libs/corpus/src/lease.ts';
import { announceReading } from '../../apps/trainer/src/announce-reading.ts';
import { TestCorpus } from './corpora.ts';

it('gc leaves the build that a living training reads, and takes it when that has ended', async () => {
  await using corpus = await TestCorpus.make(20);
  const first = (await corpus.run()).manifest!;
  await corpus.write('notes/new.txt', 'another note that was not there');
  const second = (await corpus.run()).manifest!;
  const [key, index] = Object.entries(first.current).find(([path]) => path.endsWith('index.json'))!;
  const digest = first.files.find(({ path }) => path === index)!.sha256;
  const shards = join(corpus.folder, 'corpus', key.replace('/index.json', ''));
  const endReading = await announceReading(shards, digest);
  const store = corpus.store();
  expect((await collectGarbage(store, { keep: 1 })).kept).toEqual([first.build, second.build]);
  expect((await checkCorpus(store)).damages).toEqual([]);
  await endReading();
  expect((await collectGarbage(store, { keep: 1 })).kept).toEqual([second.build]);
  expect(await store.list('readers/')).toEqual([]);
  expect(await readManifest(store)).toEqual(second);
});

it('a reader that died keeps nothing, and shards outside of a corpus are read without a word', async () => {
  await using corpus = await TestCorpus.make(10);
  const { manifest } = await corpus.run();
  const store = corpus.store();
  const dead = { holder: 'x', name: 'reader-x', host: hostname(), pid: 4_000_000, started: '1', work: 'w' };
  await store.create('readers/reader-x.x.json', JSON.stringify(dead));
  await store.create('readers/reader-x.x.beat', JSON.stringify({ beat: 1, isHeld: true, told: 'digest' }));
  expect((await collectGarbage(store)).kept).toEqual([manifest!.build]);
  expect(await store.list('readers/')).toEqual([]);
  await mkdir(join(corpus.folder, 'tokens', 'key'), { recursive: true });
  await (
    await announceReading(join(corpus.folder, 'tokens', 'key'), 'digest')
  )();
});

it('a repair decides what is damaged while nobody builds', async () => {
  await using corpus = await TestCorpus.make(10);
  await corpus.run();
  const store = corpus.store();
  const [part] = (await store.list('clean/')).filter(({ path }) => path.endsWith('.parquet'));
  const bytes = await store.read(part.path);
  await store.replace(part.path, bytes.subarray(1));
  const lease = await takeLease(store, { build: 'b' });
  await expect(removeDamaged(store)).rejects.toMatchObject({ code: 'corpus-busy' });
  // The build at work makes it whole.
  await store.replace(part.path, bytes);
  await lease.release();
  expect(await removeDamaged(store)).toEqual([]);
  expect(await store.stat(part.path)).toBeDefined();
});
