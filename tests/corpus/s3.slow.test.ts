// The engine on S3: the same bytes as in a folder, through faults, by every command.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  checkCorpus,
  collectGarbage,
  corpusStatus,
  dataCard,
  diffBuilds,
  explainDocument,
  forget,
  readManifest,
  removeDamaged,
  selectedDocuments,
} from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { seededFaults, startFaultyProxy, type FaultyProxy } from '../storage/faulty-proxy.ts';
import { startMemoryS3, type MemoryS3 } from '../storage/memory-s3.ts';
import { TestCorpus } from './corpora.ts';

let server: MemoryS3;
let proxy: FaultyProxy;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'testsecret';
  server = await startMemoryS3();
  proxy = await startFaultyProxy(server.endpoint, () => undefined);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});
const open = (prefix: string, endpoint = server.endpoint) =>
  openS3Store({ location: `s3://bucket/${prefix}`, endpoint, pauseMs: 2 });

it('a build on S3 through faults has the bytes of one in a folder, and its update too', async () => {
  await using corpus = await TestCorpus.make(30);
  const store = await open('faults', proxy.endpoint);
  proxy.plan = seededFaults(7, 0.2);
  for (let round = 0; round < 2; round++) {
    await corpus.run();
    const outcome = await corpus.run({ store, workers: round });
    expect(outcome.manifest!.build).toBe((await readManifest(corpus.store()))!.build);
    expect(Object.fromEntries(outcome.manifest!.files.map(({ path, sha256 }) => [path, sha256]))).toEqual(
      await corpus.files(),
    );
    await corpus.write('notes/1/note-1.txt', 'a changed note');
  }
  expect([...proxy.faults.keys()].sort()).toEqual(['503', 'cut', 'lose', 'refuse']);
  proxy.plan = () => undefined;
  expect((await checkCorpus(store)).damages).toEqual([]);
  const text = [...server.objects.values()].map(({ bytes }) => bytes.toString('latin1')).join('');
  for (const secret of ['testsecret', proxy.endpoint.slice(7)]) expect(text).not.toContain(secret);
});

it('every command works on S3', async () => {
  await using corpus = await TestCorpus.make(20);
  const store = await open('commands');
  const first = (await corpus.run({ store })).manifest!.build;
  await corpus.write('notes/new.txt', 'a note that came later');
  const second = (await corpus.run({ store })).manifest!.build;
  const { steps } = await explainDocument(store, 'notes/new.txt');
  expect(steps[0].step).toBe('acquire');
  expect((await diffBuilds(store, first, second)).gained.documents).toBe(1);
  expect((await corpusStatus(store)).builds).toHaveLength(2);
  expect(await dataCard(store)).toContain('notes');
  expect(await damageAndRepair(corpus, store)).toEqual([]);
  const report = await forget(store, { names: ['notes/new.txt'], workers: 0 });
  expect(report.documents).toHaveLength(1);
  expect(report.gc.removedBuilds).toContain(second);
  expect((await collectGarbage(store, { keep: 1 })).kept).toEqual([report.build]);
  expect((await checkCorpus(store)).damages).toEqual([]);
  let documents = 0;
  for await (const _document of selectedDocuments(store)) documents++;
  expect(documents).toBeGreaterThan(5);
});

async function damageAndRepair(corpus: TestCorpus, store: Store) {
  const part = (await store.list('clean/')).find(({ path }) => path.endsWith('.parquet'))!;
  await store.replace(part.path, (await store.read(part.path)).subarray(1));
  const check = await checkCorpus(store);
  expect(check.damages.map(({ path }) => path)).toEqual([part.path]);
  await removeDamaged(store);
  await corpus.run({ store });
  return (await checkCorpus(store)).damages;
}

it('a build that is killed on S3 leaves a lease that the next one takes over', async () => {
  await using corpus = await TestCorpus.make(10);
  const store = await open('lease');
  const host = (await import('node:os')).hostname();
  const dead = { holder: 'x', name: 'build', host, pid: 4_000_000, started: '1' };
  await store.create('lease/build.x.json', JSON.stringify(dead));
  await store.create('lease/build.x.beat', JSON.stringify({ beat: 3, isHeld: true }));
  await corpus.run({ store });
  expect(await store.list('lease/')).toEqual([]);
  await rm(join(corpus.folder, 'notes'), { recursive: true });
});
