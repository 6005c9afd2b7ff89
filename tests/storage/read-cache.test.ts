import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createRandom } from '@gristmill/core';
import { openDiskStore, openReadCache, type Store } from '@gristmill/storage';

const folders: string[] = [];
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-cache-test-'));
  folders.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const random = createRandom(1);
const content = Buffer.from(Uint8Array.from({ length: 5_300_000 }, () => random() * 256));

/** A store with one file that counts what is asked of it. */
async function makeStore(): Promise<{ store: Store; reads: [number, number][] }> {
  const disk = openDiskStore({ root: await makeFolder(), sync: false });
  await disk.create('shard', content);
  const reads: [number, number][] = [];
  const read: Store['read'] = (path, offset = 0, length = 0) => {
    reads.push([offset, length]);
    return disk.read(path, offset, length);
  };
  return { store: { ...disk, read }, reads };
}

async function folderBytes(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(
      async (name) => (await stat(join(folder, name)).catch(() => ({ size: 0 }))).size,
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

it('gives any range as the store does, and fetches each piece once while it fits', async () => {
  const { store } = await makeStore();
  const cache = await openReadCache(store, { folder: await makeFolder(), limitBytes: 1e9 });
  const ranges = Array.from({ length: 60 }, () => {
    const offset = Math.floor(random() * content.length);
    return [offset, Math.floor(random() * Math.min(3_000_000, content.length - offset))] as const;
  });
  await Promise.all(
    ranges.map(async ([offset, length]) => {
      const into = new Uint8Array(length);
      await cache.readInto('shard', into, offset);
      expect(content.subarray(offset, offset + length).equals(into)).toBe(true);
    }),
  );
  expect(cache.fetched()).toBeLessThanOrEqual(content.length);
});

it('asks for neighbouring pieces together, and finds them again when it is opened again', async () => {
  const { store, reads } = await makeStore();
  const folder = await makeFolder();
  const into = new Uint8Array(content.length);
  await (await openReadCache(store, { folder })).readInto('shard', into, 0);
  expect(reads).toEqual([[0, content.length]]);
  expect(content.equals(into)).toBe(true);
  while ((await readdir(folder)).filter((name) => !name.endsWith('.new')).length < 6) await readdir(folder);
  const again = await openReadCache(store, { folder });
  await again.readInto('shard', new Uint8Array(10), 4_000_000);
  expect(again.fetched()).toBe(0);
});

it('stays within its limit, and fetches again what had to go or was damaged', async () => {
  const { store } = await makeStore();
  const folder = await makeFolder();
  const limitBytes = 2_200_000;
  const cache = await openReadCache(store, { folder, limitBytes });
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < content.length; at += 700_000) {
      const into = new Uint8Array(Math.min(700_000, content.length - at));
      await cache.readInto('shard', into, at);
      expect(content.subarray(at, at + into.length).equals(into)).toBe(true);
    }
    expect(await folderBytes(folder)).toBeLessThanOrEqual(limitBytes + 2 * (1 << 20));
  }
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes) await writeFile(join(folder, name), bytes.fill(7, 0, 9));
  }
  const into = new Uint8Array(content.length);
  await cache.readInto('shard', into, 0);
  expect(content.equals(into)).toBe(true);
});

it('says when the file ends before the range, or is missing', async () => {
  const { store } = await makeStore();
  const cache = await openReadCache(store, { folder: await makeFolder() });
  await expect(cache.readInto('shard', new Uint8Array(9), content.length - 5)).rejects.toMatchObject({
    code: 'file-short',
  });
  await expect(cache.readInto('none', new Uint8Array(9), 0)).rejects.toMatchObject({ code: 'file-missing' });
});
