// CSS selectors of a recipe: what of a corpus depends on them, and what they may cost.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkRecipe, makeFunnel, runRecipe } from '@gristmill/corpus';
import { extractDocument } from '@gristmill/extract';
import { createNodeSelector, parseHtml } from '@gristmill/markup';
import { openDiskStore } from '@gristmill/storage';
import { pages, startServer } from '../http/local-server.ts';

test('a selector is bounded by the nodes that it looks at, however a page is made for it', async () => {
  const wide = createNodeSelector(parseHtml('<div><i>x</i></div>'.repeat(16_000)))!;
  expect(wide('div:has(~ b)')).toBeUndefined();
  expect(createNodeSelector(parseHtml('<p>'.repeat(100_001)))).toBeUndefined();
  const deep = createNodeSelector(parseHtml('<div>'.repeat(30_000)))!;
  expect(deep('div div div b')).toEqual([]);
  const large = Buffer.from('<div class=box><p>A short word.</div>' + '<i></i>'.repeat(100_000));
  const selectors = { keep: '.box' };
  expect(await extractDocument({ bytes: large }, { selectors })).toMatchObject({
    ...{ text: 'A short word.', selectors: 'too-large' },
  });
});

const article = (text: string): string =>
  `<title>T</title><nav><a href=/a>Home</a></nav><div class=box><p>${text}</p><p class=ads>Buy now.</p></div>`;

test("a recipe's sites are options of extract and of its crawls; another selector fetches nothing again and computes extract alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-sites-'));
  const list = (next: string): string =>
    `${article('A list of things.')}<span class=more><a href="${next}">more</a></span>`;
  await using server = await startServer(
    pages({ '/': list('/p2'), '/p2': list('/p3'), '/p3': article('The end of it.') }),
  );
  const recipe = (sites: object) => ({
    name: 'sites',
    partitions: 1,
    sites: { 'site.example': sites },
    sources: [
      {
        name: 'web',
        kind: 'web',
        crawl: {
          module: '@gristmill/crawl',
          export: 'webCrawler',
          options: { seeds: ['http://site.example/'], maxDepth: 0 },
        },
        where: { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true },
      },
    ],
    steps: [
      { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
      { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    ],
  });
  const store = openDiskStore({ root: join(folder, 'corpus'), sync: false });
  const run = async (sites: object, name: string): Promise<Record<string, number>> => {
    await writeFile(join(folder, `${name}.json`), JSON.stringify(recipe(sites)));
    const lock = join(folder, 'sites.lock');
    const outcome = await runRecipe({ recipe: join(folder, `${name}.json`), store, lock, workers: 0 });
    return Object.fromEntries(makeFunnel(outcome).map(({ step, computedRows }) => [step, computedRows]));
  };
  expect(checkRecipe(recipe({ keep: 'p', next: '.more' }))).toMatchObject({
    sources: [{ crawl: { options: { sites: { 'site.example': { next: '.more' } } } } }],
    steps: [{ options: { sites: { 'site.example': { keep: 'p' } } } }, {}],
  });
  expect(await run({ keep: '.box', next: '.more' }, 'first')).toEqual({ acquire: 3, extract: 3, clean: 3 });
  const asked = server.requests.length;
  expect(await run({ keep: '.box', drop: '.ads', next: '.more' }, 'second')).toEqual({
    acquire: 0,
    extract: 3,
    clean: 3,
  });
  expect(await run({ keep: '.box', drop: '.ads, .none', next: '.more' }, 'third')).toEqual({
    acquire: 0,
    extract: 3,
    clean: 0,
  });
  expect(server.requests.length).toBe(asked);
  await rm(folder, { recursive: true });
});
