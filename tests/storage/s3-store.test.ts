import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, openStoreAt, type Store } from '@gristmill/storage';
import { sha256 } from '@gristmill/core';
import { parseS3Location } from '../../libs/storage/src/s3-location.ts';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { seededFaults, startFaultyProxy, type FaultKind, type FaultyProxy } from './faulty-proxy.ts';
import { startMemoryS3, type MemoryS3 } from './memory-s3.ts';
import { describeStore } from './store-contract.ts';

let server: MemoryS3;
let proxy: FaultyProxy;
let stores = 0;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'testsecret';
  server = await startMemoryS3({ pageSize: 3 });
  proxy = await startFaultyProxy(server.endpoint, () => undefined);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

const makeStore = (endpoint = server.endpoint, prefix = `p${++stores}`) =>
  openS3Store({ location: `s3://bucket/${prefix}`, endpoint, pauseMs: 2 });

describeStore('a server in memory', () => makeStore());

describeStore('a server of which every third request fails', async () => {
  proxy.plan = seededFaults(stores, 1 / 3);
  return makeStore(proxy.endpoint);
});

/** Spoils the first request that `which` names. */
function spoilFirst(kind: FaultKind, which: (method: string, path: string) => boolean): void {
  let isDone = false;
  proxy.plan = ({ method, path }) => {
    if (isDone || !which(method, path)) return undefined;
    isDone = true;
    return kind;
  };
}

const large = new Uint8Array(12 << 20).map((_, i) => (i * 2654435761) >>> 13);

async function writeLarge(store: Store, path = 'large'): Promise<{ sha256: string; created: boolean }> {
  const writer = await store.writer(path);
  for (let at = 0; at < large.length; at += 1 << 20) await writer.write(large.subarray(at, at + (1 << 20)));
  return writer.commit();
}

describe('a request whose answer is lost', () => {
  it('counts as created when the conditional put had taken effect', async () => {
    const store = await makeStore(proxy.endpoint);
    await store.create('first', '');
    spoilFirst('lose', (method, path) => method === 'PUT' && path.includes('marker'));
    expect(await store.create('marker', 'mine')).toBe(true);
    expect(proxy.faults.get('lose')).toBeGreaterThan(0);
    expect(await store.create('marker', 'mine')).toBe(false);
  });

  it('does not count as created when somebody else was first, with the same bytes', async () => {
    const store = await makeStore(proxy.endpoint);
    await store.create('marker', 'same');
    spoilFirst('lose', (method, path) => method === 'PUT' && path.includes('marker'));
    expect(await store.create('marker', 'same')).toBe(false);
  });

  it('completes a large file when completing had taken effect', async () => {
    const store = await makeStore(proxy.endpoint);
    spoilFirst('lose', (method, path) => method === 'POST' && path.includes('uploadId'));
    expect(await writeLarge(store)).toMatchObject({ sha256: sha256(large), created: true });
    expect(sha256(await store.read('large'))).toBe(sha256(large));
    expect(server.uploads.size).toBe(0);
  });
});

it('carries an answer that breaks off on from where it broke', async () => {
  const store = await makeStore(proxy.endpoint);
  await writeLarge(store);
  spoilFirst('cut', (method) => method === 'GET');
  const before = proxy.requests();
  expect(sha256(await store.read('large'))).toBe(sha256(large));
  spoilFirst('cut', (method) => method === 'GET');
  expect(Buffer.from(await store.read('large', 5, 9_000_000)).equals(large.subarray(5, 9_000_005))).toBe(
    true,
  );
  expect(proxy.requests() - before).toBe(4);
});

it('reads a file that is replaced between two attempts as one of both, never as a mixture', async () => {
  const store = await makeStore(proxy.endpoint);
  const [old, fresh] = ['a', 'b'].map((letter) => letter.repeat(300_000));
  await store.replace('file', old);
  let gets = 0;
  const key = [...server.objects.keys()].find((name) => name.endsWith('/file'))!;
  proxy.plan = ({ method }) => {
    if (method !== 'GET') return undefined;
    gets++;
    if (gets === 2) server.objects.set(key, { bytes: Buffer.from(fresh), etag: '"other"', metadata: {} });
    return gets === 1 ? 'cut' : undefined;
  };
  expect(new TextDecoder().decode(await store.read('file'))).toBe(fresh);
  proxy.plan = () => undefined;
});

it('gives up with a sentence when the trouble does not pass, and leaves nothing', async () => {
  proxy.plan = () => '503';
  const store = await openS3Store({
    location: 's3://bucket/p',
    endpoint: proxy.endpoint,
    pauseMs: 1,
    attempts: 3,
  });
  await expect(store.read('x')).rejects.toMatchObject({ code: 's3-unreachable' });
  await expect(store.create('x', 'y')).rejects.toMatchObject({ code: 's3-unreachable' });
  proxy.plan = () => undefined;
});

it('large files are sent in parts, unfinished uploads are not listed and can be ended', async () => {
  const store = await makeStore();
  expect(await writeLarge(store)).toMatchObject({ created: true });
  expect(await writeLarge(store)).toMatchObject({ created: false });
  const dead = await store.writer('dead');
  await dead.write(large);
  const other = await makeStore();
  const others = await other.writer('dead');
  await others.write(large);
  expect(await store.list('')).toEqual([{ path: 'large', size: large.length }]);
  expect(await store.removeTemporaries()).toBe(1);
  expect(await other.removeTemporaries()).toBe(1);
  expect(await store.removeTemporaries()).toBe(0);
});

it('a server that ignores If-None-Match is refused', async () => {
  const careless = await startMemoryS3({ honoursConditions: false });
  const store = await makeStore(careless.endpoint);
  await expect(store.create('x', 'y')).rejects.toMatchObject({ code: 's3-no-conditions' });
  await careless.close();
});

it('a store opens again from its reference, which holds no credentials', async () => {
  const store = await makeStore();
  await store.create('x', 'y');
  const spelled = JSON.stringify(store.reference);
  expect(spelled).not.toContain('testsecret');
  expect(await (await openStore(JSON.parse(spelled) as Store['reference'])).list('')).toEqual([
    { path: 'x', size: 1 },
  ]);
});

it('s3:// names a bucket and a prefix, anything else a folder', async () => {
  expect(parseS3Location('s3://corpora/a//b/')).toEqual({ bucket: 'corpora', prefix: 'a/b/' });
  expect(parseS3Location('s3://corpora')).toEqual({ bucket: 'corpora', prefix: '' });
  for (const wrong of ['s3://', 's3:///a', 's3://UPPER/a', 's3://corpora/../x'])
    expect(() => parseS3Location(wrong)).toThrow(/no place on S3/);
  expect((await openStoreAt('s3://corpora/a')).location).toBe('s3://corpora/a');
  expect((await openStoreAt('corpora/a')).folder).toMatch(/corpora\/a$/);
});
