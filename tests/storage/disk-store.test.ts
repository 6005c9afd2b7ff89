import { mkdtemp, readdir, rm, utimes, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openDiskStore, openStore } from '@gristmill/storage';
import { thisProcess } from '../../libs/storage/src/process-identity.ts';
import { spellOwner } from '../../libs/storage/src/temporary-files.ts';
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
  await writeFile(join(root, '.tmp', `${spellOwner({ ...thisProcess(), started: '1' })}~b`), 'half');
  const store = openDiskStore({ root });
  expect(await store.list('')).toEqual([]);
  expect(await store.removeTemporaries()).toBe(2);
  expect(await readdir(join(root, '.tmp'))).toEqual([]);
});

it('leaves alone what a living process writes, here or where nobody can look', async () => {
  const root = await makeFolder();
  const other = openDiskStore({ root });
  const writer = await other.writer('part');
  await writer.write(Buffer.from('half'));
  const far = join(root, '.tmp', `${spellOwner({ ...thisProcess(), namespace: '1', pid: 4_000_000 })}~a`);
  await writeFile(far, 'half');
  expect(await openDiskStore({ root }).removeTemporaries()).toBe(0);
  expect(await writer.commit()).toMatchObject({ created: true });
  await utimes(far, 0, 0);
  expect(await other.removeTemporaries()).toBe(1);
});
