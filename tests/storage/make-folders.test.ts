// Folders that another process makes and takes away between two looks at them.
import type * as fs from 'node:fs/promises';
import { mkdtemp, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeFolders } from '../../libs/storage/src/make-folders.ts';

type FileSystem = typeof fs;

/** Runs before each mkdir; what it throws is the answer. */
let meanwhile: (path: string) => Promise<void> = () => Promise.resolve();
vi.mock('node:fs/promises', async (original) => {
  const real = await original<FileSystem>();
  return {
    ...real,
    mkdir: async (path: string) => {
      await meanwhile(path);
      return real.mkdir(path);
    },
  };
});

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'gristmill-folders-'))));
afterEach(async () => {
  meanwhile = () => Promise.resolve();
  await rm(root, { recursive: true });
});

const refusal = (code: string) => Object.assign(new Error(code), { code });
const once = (work: (path: string) => Promise<void>, when: (path: string) => boolean) => {
  let isDone = false;
  meanwhile = async (path) => {
    if (isDone || !when(path)) return;
    isDone = true;
    await work(path);
  };
};

test('a folder that was there, and was taken away before one could look, is made', async () => {
  once(
    () => Promise.reject(refusal('EEXIST')),
    () => true,
  );
  expect(await makeFolders(join(root, 'a'))).toBe(join(root, 'a'));
  expect((await stat(join(root, 'a'))).isDirectory()).toBe(true);
});

test('a folder whose parent is taken away under it is made with it', async () => {
  let calls = 0;
  once(
    () => rmdir(join(root, 'a')),
    (path) => path.endsWith('b') && ++calls === 2,
  );
  await makeFolders(join(root, 'a', 'b'));
  expect((await stat(join(root, 'a', 'b'))).isDirectory()).toBe(true);
});

test('a file in the way, and a folder that is always taken away, are errors', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(makeFolders(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(join(root, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  meanwhile = () => Promise.reject(refusal('EEXIST'));
  await expect(makeFolders(join(root, 'a'))).rejects.toMatchObject({ code: 'EEXIST' });
});
