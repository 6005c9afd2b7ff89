// Servers that are busy: what is asked for again is not over.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crawl, readPlan, readRoute, type CrawlReport } from '@gristmill/crawl';
import { pages, startServer, type Handler, type LocalServer } from '../http/local-server.ts';

const link = (...paths: string[]): string => paths.map((path) => `<a href="${path}">x</a>`).join('');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-later-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run({ port }: LocalServer, where: object = {}): Promise<CrawlReport> {
  const plan = readPlan({ seeds: ['http://site.example/'] });
  const hostMap = [`site.example=127.0.0.1:${port}`];
  const route = readRoute({ hostMap, allowPrivate: true, retryBaseMs: 1, retries: 3, ...where }, plan.seeds);
  return crawl({ plan, route, folder });
}

describe('a host that asks to come back later', () => {
  const later: Handler = (_, response) =>
    void response.writeHead(503, { 'retry-after': '7200' }).end('not now');

  test.each(['/', '/robots.txt'])(
    'with 503 for %s leaves the crawl incomplete, until it answers',
    async (path) => {
      let isAway = true;
      const table = pages({ '/': 'here again' });
      await using server = await startServer((request, response) =>
        isAway && request.url === path ? later(request, response) : table(request, response),
      );
      const first = await run(server);
      expect(first).toMatchObject({ complete: false, waitsFor: ['site.example'], pages: 0 });
      isAway = false;
      expect(await run(server)).toMatchObject({ complete: true, waitsFor: [], pages: 1 });
    },
  );

  test('is no such host while other pages of it are had', async () => {
    await using server = await startServer(
      pages({
        '/': link('/broken', '/b', '/c'),
        '/broken': (_, response) => void response.writeHead(503).end(),
        '/b': 'b',
        '/c': 'c',
      }),
    );
    const report = await run(server, { connectionsPerHost: 1, retries: 0 });
    expect(report).toMatchObject({ waitsFor: [], complete: true });
  });
});
