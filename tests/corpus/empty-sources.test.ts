// A source that gives nothing publishes no build, and says why; what was forgotten or refused is another matter.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { forget, openBuild, partitionsOf, readDocuments, readManifest, type Recipe } from '@gristmill/corpus';
import { TestCorpus, makeText, recipeOf } from './corpora.ts';

const [notes, posts] = recipeOf().sources;
const json = (options: object) => ({
  ...posts,
  files: { include: ['all.jsonl'] },
  import: { module: '@gristmill/import', export: 'jsonDocumentsImporter', options: options as never },
});

async function refusal(corpus: TestCorpus): Promise<{ code: string; message: string; hint: string }> {
  return corpus.run().then(
    () => expect.fail('a build was published'),
    (error: unknown) => error as { code: string; message: string; hint: string },
  );
}

it.each<[string, Recipe['sources'], RegExp, RegExp]>([
  [
    'a misspelt field',
    [json({ textField: 'tetx' })],
    /^source posts gives no document: all 5 items fell at acquire \(empty 5\); fields seen in all.jsonl: id, text$/,
    /did you mean text\?.*mayBeEmpty/,
  ],
  [
    'a glob that nothing matches',
    [{ ...notes, files: { include: ['*.nope'] } }],
    /no file in .*notes matches \*\.nope; there are 12 \.txt, 1 \.bin$/,
    /mayBeEmpty/,
  ],
  ['an empty folder', [{ ...notes, where: { root: 'nothing' } }], /there is no file in .*nothing$/, /./],
  [
    'files without an item',
    [{ ...posts, files: { include: ['none.jsonl'] } }],
    /its file holds no item$/,
    /./,
  ],
  [
    'a compressed file',
    [{ ...notes, files: { include: ['packed.bin'] } }],
    /its item fell at extract \(empty 1\); packed\.bin is gzip$/,
    /./,
  ],
])('%s is told, and the former build stands', async (_what, sources, cause, hint) => {
  await using corpus = await TestCorpus.make(10);
  await corpus.write('nothing/.hidden', '');
  await corpus.write('posts/none.jsonl', '');
  const first = (await corpus.run()).manifest!.build;
  await corpus.write('notes/packed.bin', gzipSync('1'));
  await corpus.setRecipe(recipeOf({ sources }));
  // Told again by each run until it is mended.
  for (let round = 0; round < 2; round++) {
    const error = await refusal(corpus);
    expect(error).toMatchObject({ code: 'empty-source' });
    expect(error.message).toMatch(cause);
    expect(error.hint).toMatch(hint);
    expect((await readManifest(corpus.store()))!.build).toBe(first);
  }
  const allowed = sources.map((source) => ({ ...source, mayBeEmpty: true }));
  await corpus.setRecipe(recipeOf({ sources: allowed }));
  expect((await corpus.run()).isNew).toBe(true);
});

it('names every empty source, and publishes nothing for the sake of the others', async () => {
  await using corpus = await TestCorpus.make(10);
  const sources = [notes, json({ textField: 'tetx' }), { ...notes, name: 'more', files: { include: ['x'] } }];
  await corpus.setRecipe(recipeOf({ sources }));
  expect((await refusal(corpus)).message).toMatch(/source posts gives .*; source more gives no document/);
  expect(await readManifest(corpus.store())).toBeUndefined();
});

it('a source whose documents are all forgotten is an ordinary update with a warning', async () => {
  await using corpus = await TestCorpus.make(4);
  await corpus.run();
  const { gc } = await forget(corpus.store(), { names: await idsOf(corpus, 'posts'), workers: 0 });
  expect(gc.removedBuilds).toHaveLength(1);
  await corpus.write('notes/another.txt', makeText(99));
  const { warnings, isNew } = await corpus.run();
  expect(isNew).toBe(true);
  expect(warnings).toEqual([
    expect.stringContaining('source posts has no document: what it had is forgotten'),
  ]);
});

async function idsOf(corpus: TestCorpus, source: string): Promise<string[]> {
  const build = await openBuild(corpus.store(), (await readManifest(corpus.store()))!);
  const ids: string[] = [];
  for (const partition of partitionsOf(build))
    for (const document of (await readDocuments(build, partition)).values())
      if (document.source === source) ids.push(document.id);
  return ids;
}

it('a source that only has what another has too is no mistake', async () => {
  const same = { url: 'http://a.example/1', text: 'the same page, taken from two dumps' };
  await using corpus = await TestCorpus.make(
    4,
    recipeOf({ sources: [posts, { ...posts, name: 'dump', where: { root: 'dump' } }] }),
  );
  await corpus.write('posts/all.jsonl', JSON.stringify(same));
  await corpus.write('dump/all.jsonl', JSON.stringify(same));
  const { warnings } = await corpus.run();
  expect(warnings).toHaveLength(1);
});

/** A crawler whose pages and waiting hosts are written in its module. */
async function writeCrawler(corpus: TestCorpus, name: string, items: object[], waitsFor: string[]) {
  await writeFile(
    join(corpus.folder, name),
    `import { mkdirSync, writeFileSync } from 'node:fs';
     export const crawler = {
       name: 'made', version: 1,
       isComplete: async () => ${waitsFor.length === 0},
       refresh: async ({ folder }) => {
         mkdirSync(folder, { recursive: true });
         writeFileSync(folder + '/log', 'x');
         return { waitsFor: ${JSON.stringify(waitsFor)} };
       },
       async *items() { for (const item of ${JSON.stringify(items)}) yield { ...item, bytes: new TextEncoder().encode(item.body ?? '') }; },
     };`,
  );
  const crawl = { module: `./${name}`, export: 'crawler' };
  await corpus.setRecipe(recipeOf({ sources: [notes, { name: 'site', kind: 'web', crawl }] }));
}
const page = (number: number, rest: object) => ({
  id: `${number}`.padStart(32, '0'),
  mediaType: 'text/plain',
  source: { name: 'site', kind: 'web', url: `http://a.example/${number}` },
  ...rest,
});

it('pages that a site refuses are no mistake, pages that are gone are', async () => {
  await using corpus = await TestCorpus.make(4);
  await corpus.write('corpus/raw/site/log', 'x');
  const refused = page(1, { verdict: { stage: 'acquire', reason: 'robots' } });
  await writeCrawler(corpus, 'refused.mjs', [refused], []);
  expect((await corpus.run()).warnings).toEqual([expect.stringContaining('refused by their sites (robots)')]);
  await corpus.write('corpus/raw/site/log', 'another');
  await writeCrawler(
    corpus,
    'gone.mjs',
    [refused, page(2, { verdict: { stage: 'acquire', reason: 'gone' } })],
    [],
  );
  expect(await refusal(corpus)).toMatchObject({ code: 'empty-source' });
});

it('a crawl that waits for a host has no build without a page, and goes on with the next run', async () => {
  await using corpus = await TestCorpus.make(4);
  await writeCrawler(corpus, 'waits.mjs', [], ['a.example']);
  expect(await refusal(corpus)).toMatchObject({
    code: 'crawl-waits',
    message: expect.stringContaining('a.example') as string,
  });
  await writeCrawler(corpus, 'some.mjs', [page(1, { body: 'a page that was had in time' })], ['a.example']);
  const first = await corpus.run();
  expect(first).toMatchObject({ isNew: true, waitsFor: ['a.example'] });
  expect((await corpus.run()).waitsFor).toEqual(['a.example']);
});
