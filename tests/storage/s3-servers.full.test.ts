// The contract on real servers, plain and with a third of all requests spoiled.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@gristmill/core';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { seededFaults, startFaultyProxy, type FaultyProxy } from './faulty-proxy.ts';
import type { S3Server } from './memory-s3.ts';
import { bucket, ceph, startRadosgw, startVersitygw, useTestCredentials, versitygw } from './real-servers.ts';
import { describeStore } from './store-contract.ts';

const servers = [
  { name: 'versitygw', start: startVersitygw, isThere: versitygw !== undefined },
  { name: 'Ceph radosgw', start: startRadosgw, isThere: ceph },
];

// A server that is not installed is skipped: real-servers.ts says how to have it.
const installed = servers.filter(({ isThere }) => isThere);
for (const { name } of servers.filter(({ isThere }) => !isThere)) it.todo(`${name} is not installed`);

describe.each(installed)('$name', ({ start }) => {
  let server: S3Server;
  let proxy: FaultyProxy;
  let stores = 0;
  beforeAll(async () => {
    useTestCredentials();
    server = await start();
    proxy = await startFaultyProxy(server.endpoint, () => undefined);
  }, 180_000);
  afterAll(async () => {
    await proxy?.close();
    await server?.close();
  });
  const makeStore = (endpoint = server.endpoint) =>
    openS3Store({ location: `s3://${bucket}/p${++stores}`, endpoint, pauseMs: 5 });

  describeStore('plain', () => makeStore());

  describeStore('with every third request spoiled', async () => {
    proxy.plan = seededFaults(stores, 1 / 3);
    return makeStore(proxy.endpoint);
  });

  it('a large file goes up in parts and comes down whole through every kind of fault', async () => {
    proxy.plan = seededFaults(99, 1 / 3);
    const store = await makeStore(proxy.endpoint);
    const bytes = new Uint8Array(40 << 20).map((_, i) => (i * 2654435761) >>> 11);
    const writer = await store.writer('large');
    await writer.write(bytes);
    expect(await writer.commit()).toEqual({ bytes: bytes.length, sha256: sha256(bytes), created: true });
    for (let at = 0; at < bytes.length; at += 4 << 20)
      expect(
        Buffer.from(await store.read('large', at, 4 << 20)).equals(bytes.subarray(at, at + (4 << 20))),
      ).toBe(true);
    expect(sha256(await store.read('large'))).toBe(sha256(bytes));
    expect([...proxy.faults.keys()].sort()).toEqual(['503', 'cut', 'lose', 'refuse']);
  });

  it('pages through more files than a page holds, and ends uploads that nobody completed', async () => {
    const store = await makeStore();
    const paths = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(5, '0')}`);
    for (let at = 0; at < paths.length; at += 50)
      await Promise.all(paths.slice(at, at + 50).map((path) => store.replace(path, 'x')));
    expect((await store.list('many/')).map(({ path }) => path)).toEqual(paths);
    const dead = await store.writer('dead');
    await dead.write(new Uint8Array(20 << 20));
    expect(await store.removeTemporaries()).toBe(1);
    expect(await store.removeTemporaries()).toBe(0);
    expect(await store.stat('dead')).toBeUndefined();
  }, 120_000);
});
