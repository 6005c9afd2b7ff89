// What counts as changed in a source's folder, however a program sets its times.
import { rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listSourceFiles } from '../../libs/corpus/src/source-files.ts';
import { stateOfTrainingFiles } from '../../libs/corpus/src/training-files.ts';
import { TestCorpus } from './corpora.ts';

const path = 'notes/1/note-1.txt';

/** Writes a text of the same length, and sets the time back as tar and rsync do. */
async function changeSecretly(corpus: TestCorpus, write: (file: string, text: string) => Promise<void>) {
  const file = join(corpus.folder, path);
  const { atime, mtime } = await stat(file);
  await write(file, (await corpus.read(path)).replace(/[a-z]/, 'Q'));
  await utimes(file, atime, mtime);
  expect((await stat(file)).mtimeMs).toBe(mtime.getTime());
}

const inPlace = (file: string, text: string) => writeFile(file, text);
const byRename = async (file: string, text: string) => {
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
};

it.each([
  ['in place', inPlace],
  ['by renaming', byRename],
])('an edit %s of the same size and time is seen', async (_how, write) => {
  await using corpus = await TestCorpus.make(10);
  await corpus.run();
  await changeSecretly(corpus, write);
  expect((await corpus.run()).isNew).toBe(true);
  await corpus.run({ corpus: 'fresh' });
  expect(await corpus.files()).toEqual(await corpus.files('fresh'));
});

it('files that a training step reads are looked at the same way', async () => {
  await using corpus = await TestCorpus.make(3);
  const before = await stateOfTrainingFiles(corpus.folder, ['notes']);
  await changeSecretly(corpus, inPlace);
  expect(await stateOfTrainingFiles(corpus.folder, ['notes'])).not.toEqual(before);
});

it('a time in the future is no reason to read a file again', async () => {
  await using corpus = await TestCorpus.make(3);
  const future = Date.now() / 1000 + 1e6;
  await utimes(join(corpus.folder, path), future, future);
  const states = await listSourceFiles(join(corpus.folder, 'notes'), undefined, 'notes');
  expect(Object.values(states)).not.toContain('');
});
