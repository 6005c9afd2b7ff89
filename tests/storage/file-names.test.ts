import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listFiles, locateFile } from '@gristmill/storage';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-names-'))));
afterEach(() => rm(folder, { recursive: true }));

const at = (...bytes: (string | number)[]): Buffer =>
  Buffer.concat([
    Buffer.from(`${folder}/`),
    ...bytes.map((part) => Buffer.from(typeof part === 'number' ? [part] : part)),
  ]);

// Other systems keep no such names.
describe.skipIf(process.platform !== 'linux')('names of any bytes', () => {
  test('are listed under distinct texts that lead back to them', async () => {
    await mkdir(at('f', 0xfc, 'r'));
    const names: Buffer[] = [
      at('plain.txt'),
      at('café.txt'),
      at('caf', 0xe9, '.txt'),
      at('caf\\xE9.txt'),
      at('f', 0xfc, 'r', '/', 0xff, 0xfe),
      at('f', 0xfc, 'r', '/back\\slash'),
    ];
    for (const [i, name] of names.entries()) await writeFile(name, `${i}`);
    const paths = (await listFiles(folder)).sort();
    expect(paths).toEqual(
      [
        'plain.txt',
        'café.txt',
        'caf\\xE9.txt',
        'caf\\x5CxE9.txt',
        'f\\xFCr/\\xFF\\xFE',
        'f\\xFCr/back\\slash',
      ].sort(),
    );
    const contents = await Promise.all(paths.map((path) => readFile(locateFile(folder, path), 'utf8')));
    expect(contents.sort()).toEqual(['0', '1', '2', '3', '4', '5']);
  });
});

test('links are told and not followed, and a folder that is not there rejects', async () => {
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'a', 'x'), '');
  await symlink(folder, join(folder, 'a', 'loop'));
  expect((await listFiles(folder)).sort()).toEqual(['a/loop', 'a/x']);
  await expect(listFiles(join(folder, 'none'))).rejects.toThrow();
});

const field = '../shared/field/file-name-latin1/in';
test.skipIf(!existsSync(field))(
  'both files of the field are there (it lies beside the project)',
  async () => {
    expect((await listFiles(field)).sort()).toEqual(['caf\\xE9.html', 'plain.html']);
  },
);
