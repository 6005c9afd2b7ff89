// What is said of a crawl before it begins and while it runs.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crawl, outlineCrawl, readPlan, readRoute, type Outlook } from '@gristmill/crawl';
import { createCrawlProgress, describeProgress } from '../../apps/cli/src/crawl-progress.ts';
import { createOutlookMeter } from '../../libs/crawl/src/outlook.ts';
import { pages, startServer } from '../http/local-server.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-outlook-'))));
afterEach(() => rm(folder, { recursive: true }));

const stand = { host: 'a', waiting: 5, delayMs: 2000, waitsFor: 'delay' } as const;

test('the rate is that of the last ten seconds, and the time left that of the slowest host at least', () => {
  let now = 0;
  const meter = createOutlookMeter(Infinity, () => now);
  const progress = (documents: number, waiting = 100) => ({ pages: documents, waiting, known: 0, bytes: 0 });
  expect(meter.look(progress(50), [])).toEqual({ pagesPerSecond: 0, hosts: {} });
  // Five seconds of ten pages a second, then ten seconds of one.
  for (let second = 1; second <= 15; second++) {
    now = 1000 * second;
    meter.look(progress(second <= 5 ? 50 + 10 * second : 95 + second), []);
  }
  expect(meter.look(progress(110), [])).toMatchObject({ pagesPerSecond: 1, secondsLeft: 100 });
  expect(meter.look(progress(110, 1), [stand, { ...stand, waitsFor: 'robots' }])).toEqual({
    ...{ pagesPerSecond: 1, secondsLeft: 10 },
    hosts: { delay: 1, robots: 1 },
  });
  const bounded = createOutlookMeter(12, () => now);
  bounded.look(progress(0), []);
  now += 1000;
  expect(bounded.look(progress(10), [stand])).toMatchObject({ pagesPerSecond: 10, secondsLeft: 0.2 });
});

test('a line says it in words, on a terminal once a second, elsewhere each half minute', () => {
  const outlook: Outlook = { pagesPerSecond: 4.06, hosts: { delay: 2, later: 1 }, secondsLeft: 119.2 };
  const progress = { pages: 12, known: 20, waiting: 8, bytes: 3_400_000 };
  const line =
    'crawl: 12 documents, 8 URLs waiting, 3.4 MB, 4.1 a second, 3 hosts (2 between requests, 1 asked to come back later), 2m 00s left for what is known';
  expect(describeProgress(progress, outlook)).toBe(line);
  const written: string[] = [];
  const stream = (isTTY: boolean) =>
    ({ isTTY, columns: 40, write: (text: string) => written.push(text) }) as unknown as NodeJS.WriteStream;
  createCrawlProgress(stream(true))(progress, outlook);
  expect(written.splice(0)).toEqual([`\r\x1b[K${line.slice(0, 38)}…`]);
  let now = 0;
  const tell = createCrawlProgress(stream(false), () => now);
  for (now = 0; now <= 61_000; now += 1000) tell(progress, outlook);
  expect(written).toEqual([`${line}\n`, `${line}\n`]);
});

test('a crawl tells once a second which hosts wait for what', async () => {
  await using server = await startServer((request, response) => {
    if (request.url === '/robots.txt' && request.headers.host === 'away.example')
      return void response.writeHead(503).end();
    if (request.url !== '/') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/html' }).end('<a href=/1>1</a><a href=/2>2</a>');
  });
  const seeds = ['http://site.example/', 'http://away.example/'];
  const hostMap = ['site', 'away'].map((name) => `${name}.example=127.0.0.1:${server.port}`);
  const route = readRoute(
    { hostMap, allow: ['loopback'], delayMs: 700, retries: 0, retryBaseMs: 1000 },
    seeds,
  );
  const stop = new AbortController();
  const told: Outlook[] = [];
  await crawl({
    ...{ plan: readPlan({ seeds }), route, folder, signal: stop.signal },
    onProgress(_, outlook) {
      if (outlook) told.push(outlook);
      if (outlook) stop.abort();
    },
  });
  expect(told[0].hosts).toEqual({ robots: 1, delay: 1 });
});

test('a dry run asks for robots.txt alone and writes nothing', async () => {
  await using server = await startServer(
    pages({ '/robots.txt': 'User-agent: *\nCrawl-delay: 2\nDisallow: /no\nSitemap: /map.xml', '/': 'page' }),
  );
  const seeds = ['http://site.example/', 'http://site.example/no/page', 'http://nowhere.example/'];
  const hostMap = [`site.example=127.0.0.1:${server.port}`, 'nowhere.example=127.0.0.1:1'];
  const plan = readPlan({ seeds, maxPages: 7 });
  const route = readRoute({ hostMap, allow: ['loopback'], contact: 'me@x.example' }, seeds);
  const outline = await outlineCrawl({ plan, route, folder: join(folder, 'new') });
  expect(outline).toEqual({
    ...{ userAgent: 'gristmill/0.1 (+me@x.example)', scope: 'host', maxPages: 7, mostPagesPerSecond: 0.5 },
    seeds: [
      {
        ...{ url: seeds[0], verdict: 'fetched', delayMs: 2000 },
        sitemaps: ['http://site.example/map.xml'],
      },
      {
        ...{ url: seeds[1], verdict: 'disallowed', line: 3, delayMs: 2000 },
        sitemaps: ['http://site.example/map.xml'],
      },
      { url: seeds[2], verdict: 'robots-missing', reason: 'network', delayMs: 0, sitemaps: [] },
    ],
  });
  expect(server.requests).toEqual(['/robots.txt']);
  expect(await readdir(folder)).toEqual([]);
});
