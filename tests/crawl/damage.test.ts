// A damaged archive: what it held is named and waits for a refresh, which asks for it as if it had never been fetched.
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crawl, readCrawledItems, readPlan, readRoute } from '@gristmill/crawl';
import { collect } from '../http/collect.ts';
import { pages, startServer, type LocalServer } from '../http/local-server.ts';
import { readLog } from './read-log.ts';

const source = { name: 'site', kind: 'web' } as const;
let folder: string;
let server: LocalServer;
let whole: Record<string, string>;
const archive = () => join(folder, 'crawl-00000.warc.gz');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-damage-'));
  server = await startServer(
    pages({
      '/': '<a href="/a">x</a><a href="/b">x</a>',
      '/a': `<p>${'the first page '.repeat(40)}</p>`,
      '/b': '<p>the second page</p>',
    }),
  );
  await run();
  whole = await texts();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function run(refresh = false): Promise<void> {
  const plan = readPlan({ seeds: ['http://site.example/'] });
  const where = { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true };
  await crawl({ plan, route: readRoute(where, plan.seeds), folder, refresh });
}

async function texts(): Promise<Record<string, string>> {
  const items = await collect(readCrawledItems({ folder, source }));
  return Object.fromEntries(items.map((item) => [item.source.url, Buffer.from(item.bytes).toString()]));
}

test('a flipped bit in a page is told, and mended by a refresh though the page has not changed', async () => {
  const { warc } = (await readLog(folder)).find(({ url }) => url.endsWith('/a'))!;
  const bytes = await readFile(archive());
  // The page's record is the first of those of its answer.
  bytes[warc!.offset + Math.floor(warc!.length / 8)] ^= 4;
  await writeFile(archive(), bytes);
  await expect(texts()).rejects.toMatchObject({ code: 'crawl-record-missing' });
  await run();
  await expect(texts()).rejects.toMatchObject({ code: 'crawl-record-missing' });
  await run(true);
  expect(await texts()).toEqual(whole);
});

test('an archive that was cut or is gone is fetched again', async () => {
  await truncate(archive(), 700);
  await run(true);
  expect(await texts()).toEqual(whole);
  await rm(archive());
  await run(true);
  expect(await texts()).toEqual(whole);
});
