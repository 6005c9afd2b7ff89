import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crawl, readCrawledItems, readPlan, readRoute, webCrawler } from '@gristmill/crawl';
import { openFile, readWarc } from '@gristmill/warc';
import { collect } from '../http/collect.ts';
import { pages, startServer, type LocalServer } from '../http/local-server.ts';

const source = { name: 'site', kind: 'web' } as const;
let folder: string;
let server: LocalServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-forget-'));
  server = await startServer(
    pages({
      '/': '<a href="/secret">x</a><a href="/public">x</a>',
      '/secret': `<p>the combination is 1234 ${'of the safe '.repeat(40)}</p><a href="/beyond">x</a>`,
      '/public': '<p>nothing to hide</p>',
      '/beyond': '<p>found through the secret page</p>',
    }),
  );
  await run();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('a forgotten page leaves no byte in the folder, and the others stay as they were', async () => {
  const before = await texts();
  expect(Object.keys(before)).toHaveLength(4);
  const changed = await webCrawler.forget!(folder, (url) => url.endsWith('/secret'));
  expect(changed).toEqual(['crawl-00000.warc.gz', 'crawl.sqlite']);
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    expect((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')).not.toContain(
      'combination',
    );
  }
  const { 'http://site.example/secret': _gone, ...others } = before;
  expect(await texts()).toEqual(others);
});

test('the archive stays readable, and forgetting twice changes nothing', async () => {
  await webCrawler.forget!(folder, (url) => url.endsWith('/secret'));
  const file = await openFile(join(folder, 'crawl-00000.warc.gz'));
  const entries = await collect(readWarc(file));
  expect(entries.filter(({ record }) => record.error !== undefined)).toEqual([]);
  expect(await webCrawler.forget!(folder, (url) => url.endsWith('/secret'))).toEqual([]);
});

test('a later refresh does not ask for it again', async () => {
  await webCrawler.forget!(folder, (url) => url.endsWith('/secret'));
  await run(true);
  expect(Object.keys(await texts())).not.toContain('http://site.example/secret');
  expect(gunzipSync(await readFile(join(folder, 'crawl-00000.warc.gz'))).toString('latin1')).not.toContain(
    'combination',
  );
});

async function run(refresh = false): Promise<void> {
  const plan = readPlan({ seeds: ['http://site.example/'] });
  const where = { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true };
  await crawl({ plan, route: readRoute(where, plan.seeds), folder, refresh });
}

async function texts(): Promise<Record<string, string>> {
  const items = await collect(readCrawledItems({ folder, source }));
  return Object.fromEntries(
    items
      .filter(({ verdict }) => !verdict)
      .map(({ source: { url }, bytes }) => [url, Buffer.from(bytes).toString()]),
  );
}
