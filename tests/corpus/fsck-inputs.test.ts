// Damage of recorded inputs: named with what depends on it; what has a source is taken from it again.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkCorpus, readManifest, removeDamaged } from '@gristmill/corpus';
import { TestCorpus } from './corpora.ts';

const flip = async (file: string) => {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(file, bytes);
};

it('a damaged pin, a missing one, a damaged lock and a missing one are named with what was made by them', async () => {
  await using corpus = await TestCorpus.make(10);
  await corpus.run();
  const lock = join(corpus.folder, 'test.lock');
  const check = async () => (await checkCorpus(corpus.store(), lock)).damages;
  expect(await check()).toEqual([]);
  const { tokenizer } = (await readManifest(corpus.store()))!.pins;
  const pin = join(corpus.folder, 'test.pins', tokenizer);
  const [pinBytes, lockBytes] = [await readFile(pin), await readFile(lock)];
  await flip(pin);
  expect(await check()).toMatchObject([{ path: pin, repairable: false }]);
  expect((await check())[0].problem).toContain(`tokenizer (${tokenizer.slice(0, 12)})`);
  await expect(corpus.run()).rejects.toMatchObject({ code: 'pin-damaged' });
  await rm(pin);
  expect((await check())[0].problem).toContain('missing');
  await writeFile(pin, pinBytes);
  await writeFile(lock, lockBytes.subarray(0, 40));
  expect(await check()).toMatchObject([{ path: lock, repairable: false }]);
  await rm(lock);
  expect(await check()).toMatchObject([
    { path: lock, problem: expect.stringContaining('it is missing') as string },
  ]);
  await writeFile(lock, lockBytes);
  expect(await check()).toEqual([]);
});

it('what was acquired from local files is taken from them again, as they lie there now', async () => {
  await using corpus = await TestCorpus.make(20);
  await corpus.run();
  const expected = await corpus.files();
  for (const file of Object.keys(expected).filter((path) => path.startsWith('acquire/')))
    await flip(join(corpus.folder, 'corpus', file));
  const check = await checkCorpus(corpus.store());
  expect(check.damages.every(({ repairable }) => repairable)).toBe(true);
  expect(await removeDamaged(corpus.store())).toEqual([]);
  await corpus.run();
  expect(await corpus.files()).toEqual(expected);
});

it('a damaged tombstone file is not repaired by forgetting what was forgotten', async () => {
  await using corpus = await TestCorpus.make(10);
  await corpus.write('corpus/raw/tombstones.jsonl', '{"domain":"gone.example"}\n');
  await corpus.run();
  await flip(join(corpus.folder, 'corpus/raw/tombstones.jsonl'));
  const check = await checkCorpus(corpus.store());
  expect(check.damages).toMatchObject([{ path: 'raw/tombstones.jsonl', repairable: false }]);
  expect(await removeDamaged(corpus.store())).toHaveLength(1);
  expect(await corpus.store().stat('raw/tombstones.jsonl')).toBeDefined();
});

it('a listed build without its manifest is named, and the next run publishes it again', async () => {
  await using corpus = await TestCorpus.make(10);
  const first = (await corpus.run()).manifest!.build;
  await corpus.write('notes/new.txt', 'a note that came later');
  const second = (await corpus.run()).manifest!.build;
  const expected = await corpus.files();
  for (const build of [first, second]) {
    await rm(join(corpus.folder, 'corpus', 'manifests', `${build}.json`));
    const check = await checkCorpus(corpus.store());
    expect(check.damages.map(({ path }) => path)).toEqual([`manifests/${build}.json`]);
    await removeDamaged(corpus.store());
    await corpus.run();
    expect((await checkCorpus(corpus.store())).damages).toEqual([]);
    expect((await readManifest(corpus.store()))!.build).toBe(second);
    expect(await corpus.files()).toEqual(expected);
  }
});
