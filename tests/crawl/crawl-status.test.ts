// What `crawl-status` tells of a folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crawl, readCrawlStatus, readPlan, readRoute } from '@gristmill/crawl';
import { pages, startServer } from '../http/local-server.ts';
import { gristmill } from './run-command.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-status-'))));
afterEach(() => rm(folder, { recursive: true }));

test('tells hosts, refusals, trouble, delays, and dead links with the page that links them', async () => {
  const table = pages({
    '/robots.txt': 'User-agent: *\nCrawl-delay: 0.001\nDisallow: /private',
    '/': '<a href="/a">x</a><a href="/private">x</a>',
    '/a': '<a href="/dead">x</a>',
  });
  await using server = await startServer((request, response) => {
    if (request.headers.host === 'away.example') response.destroy();
    else table(request, response);
  });
  const plan = readPlan({ seeds: ['http://site.example/', 'http://away.example/'] });
  const hostMap = ['site', 'away'].map((name) => `${name}.example=127.0.0.1:${server.port}`);
  const route = readRoute({ hostMap, allowPrivate: true, retryBaseMs: 1, retries: 0 }, plan.seeds);
  await crawl({ plan, route, folder });
  const status = await readCrawlStatus(folder);
  expect(status).toEqual({
    ...{ known: 5, pages: 2, waiting: 1, cuts: [] },
    hosts: [
      {
        ...{ host: 'away.example', known: 1, pages: 0, waiting: 1, outcomes: {} },
        ...{ trouble: 'network', retryAt: expect.stringMatching(/^20\d\d-/) as string },
      },
      {
        ...{ host: 'site.example', known: 4, pages: 2, waiting: 0, outcomes: { gone: 1, robots: 1 } },
        crawlDelay: 0.001,
      },
    ],
    deadLinks: [{ url: 'http://site.example/dead', status: 404, via: 'http://site.example/a' }],
  });
  expect((await gristmill('crawl-status', folder, '--json')).lines).toEqual([status]);
  expect(await gristmill('crawl-status', join(folder, 'nowhere'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('code: input-missing') as string,
  });
});
