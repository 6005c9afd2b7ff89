// Servers that are busy: what is asked for again is not over.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crawl, readPlan, readRoute, type CrawlReport } from '@gristmill/crawl';
import { pages, startServer, type Handler, type LocalServer } from '../http/local-server.ts';

const link = (...paths: string[]): string => paths.map((path) => `<a href="${path}">x</a>`).join('');
let folder: string;
let seeds: number;
beforeEach(async () => {
  seeds = 1;
  folder = await mkdtemp(join(tmpdir(), 'gristmill-later-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run({ port }: LocalServer, where: object = {}): Promise<CrawlReport> {
  const plan = readPlan({ seeds: ['http://site.example/', 'http://other.example/'].slice(0, seeds) });
  const hostMap = [`site.example=127.0.0.1:${port}`, `other.example=127.0.0.1:${port}`];
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

  test('is left alone with all its pages, and waited for by the next run', async () => {
    let isAway = true;
    const table = pages({
      '/': link('/a', '/b', '/busy', '/c', '/d'),
      '/busy': 'x',
      '/a': 'a',
      '/b': 'b',
      '/c': 'c',
      '/d': 'd',
    });
    await using server = await startServer((request, response) =>
      isAway && request.url === '/busy' ? later(request, response) : table(request, response),
    );
    const first = await run(server, { connectionsPerHost: 1 });
    expect(first).toMatchObject({ complete: false, waitsFor: ['site.example'], pages: 3, waiting: 2 });
    expect(server.requests).not.toContain('/d');
    isAway = false;
    expect(await run(server)).toMatchObject({ complete: true, waitsFor: [], pages: 6 });
  });

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

describe('a host whose robots.txt cannot be had', () => {
  /** The first requests for robots.txt of site.example end without an answer. */
  const failing = (times: () => number) => {
    let asked = 0;
    const table = pages({ '/': link('/a'), '/a': 'a' });
    const handler: Handler = (request, response) => {
      const isRobots = request.url === '/robots.txt' && request.headers.host === 'site.example';
      if (isRobots && asked++ < times()) response.destroy();
      else table(request, response);
    };
    return handler;
  };

  test('is set aside and asked again in the same run', async () => {
    await using server = await startServer(failing(() => 3));
    const report = await run(server, { retries: 1 });
    expect(report).toMatchObject({ complete: true, waitsFor: [], pages: 2 });
    expect(server.requests.filter((path) => path === '/robots.txt')).toHaveLength(4);
  });

  test('holds up no other host, leaves the crawl incomplete, and is asked anew by the next run', async () => {
    let times = Infinity;
    seeds = 2;
    await using server = await startServer(failing(() => times));
    const first = await run(server, { retries: 0 });
    expect(first).toMatchObject({ complete: false, waitsFor: ['site.example'], pages: 2, waiting: 1 });
    times = 0;
    expect(await run(server)).toMatchObject({ complete: true, waitsFor: [], pages: 4 });
  });

  test('is not waited for where its name does not exist', async () => {
    const plan = readPlan({ seeds: ['http://no-such-host.invalid/'] });
    const route = readRoute({ agent: 'test', contact: 'me@x.example', retries: 0 }, plan.seeds);
    expect(await crawl({ plan, route, folder })).toMatchObject({
      complete: true,
      waitsFor: [],
      reasons: { 'unknown-host': 1 },
    });
  });
});
