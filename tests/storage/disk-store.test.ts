import { mkdtemp, readdir, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openDiskStore, openStore } from '@gristmill/storage';
import { describeStore } from './store-contract.ts';

const folders: string[] = [];
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-store-'));
  folders.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describeStore('a folder', async () => openDiskStore({ root: await makeFolder() }));

it('a store opens again from its reference, as a thread does it', async () => {
  const store = openDiskStore({ root: await makeFolder() });
  await store.create('x', 'y');
  const again = await openStore(JSON.parse(JSON.stringify(store.reference)) as typeof store.reference);
  expect(await again.list('')).toEqual([{ path: 'x', size: 1 }]);
});

it('removes what a killed writer left, and never lists it', async () => {
  const root = await makeFolder();
  await mkdir(join(root, '.tmp'));
  await writeFile(join(root, '.tmp', '1-dead'), 'half');
  const store = openDiskStore({ root });
  expect(await store.list('')).toEqual([]);
  expect(await store.removeTemporaries()).toBe(1);
  expect(await readdir(join(root, '.tmp'))).toEqual([]);
});
