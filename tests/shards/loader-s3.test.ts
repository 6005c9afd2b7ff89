// Training data on S3: the batches of a folder, read ahead, through faults, in a cache smaller than the data.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDiskStore } from '@gristmill/storage';
import { openLoader, openTokens, writeTokenShards } from '@gristmill/shards';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { seededFaults, startFaultyProxy, type FaultyProxy } from '../storage/faulty-proxy.ts';
import { startMemoryS3, type MemoryS3 } from '../storage/memory-s3.ts';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

let server: MemoryS3;
let proxy: FaultyProxy;
const place = 's3://bucket/tokens/key';
beforeAll(async () => {
  server = await startMemoryS3();
  proxy = await startFaultyProxy(server.endpoint, () => undefined);
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'testsecret';
  process.env.AWS_ENDPOINT_URL_S3 = proxy.endpoint;
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_S3;
  await proxy.close();
  await server.close();
});

async function copyToS3(folder: string): Promise<void> {
  const [from, to] = [openDiskStore({ root: folder }), await openS3Store({ location: place })];
  for (const { path } of await from.list('')) await to.replace(path, await from.read(path));
}

it('a loader on S3 gives the batches of a loader on a folder', async () => {
  await using folder = await temporaryFolder();
  process.env.GRISTMILL_CACHE = join(folder.path, 'cache');
  process.env.GRISTMILL_CACHE_BYTES = '100000';
  const documents = randomDocuments({ documents: 400, maxTokens: 300 });
  const tokens = join(folder.path, 'tokens');
  await writeTokenShards(tokens, documents, { vocabSize: 1000, endOfText, shardBytes: 30_000 });
  await copyToS3(tokens);
  proxy.plan = seededFaults(3, 0.2);
  const options = { sequenceLength: 64, globalBatchSize: 8, seed: 5 };
  const [local, remote] = await Promise.all(
    [tokens, place].map((shards) => openLoader({ shards, ...options })),
  );
  expect(remote.pin).toBe(local.pin);
  for (let step = 0; step < 60; step++) expect(await remote.batch(step)).toEqual(await local.batch(step));
  expect(proxy.faults.size).toBeGreaterThan(2);
  await Promise.all([local.close(), remote.close()]);
  delete process.env.GRISTMILL_CACHE;
  delete process.env.GRISTMILL_CACHE_BYTES;
});

it('a server that cannot be reached is an error, not a damaged shard to be skipped', async () => {
  await using folder = await temporaryFolder();
  proxy.plan = () => undefined;
  const store = await openS3Store({ location: place, pauseMs: 1, attempts: 2 });
  const { index } = await openTokens(store);
  const shards = { ...store, location: folder.path };
  const loader = await openLoader({
    shards,
    index,
    sequenceLength: 64,
    globalBatchSize: 1,
    onDamaged: 'skip',
  });
  proxy.plan = () => '503';
  await expect(loader.batch(0)).rejects.toMatchObject({ code: 's3-unreachable' });
  proxy.plan = () => undefined;
  expect((await loader.batch(0)).skipped).toBe(0);
});
