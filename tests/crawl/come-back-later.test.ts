// Servers that are busy: what is asked for again is not over.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crawl, readCrawlStatus, readPlan, readRoute, type CrawlReport } from '@gristmill/crawl';
import { pages, startServer, type Handler, type LocalServer } from '../http/local-server.ts';
import { readLog } from './read-log.ts';

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

describe('a host is given up', () => {
  const site = (broken: (path: string, host: string) => boolean, breaks: Handler): Handler => {
    const paths = Array.from({ length: 30 }, (_, i) => `/${i}`);
    const table = pages({ '/': link(...paths), ...Object.fromEntries(paths.map((path) => [path, path])) });
    return (request, response) =>
      broken(request.url!, request.headers.host!) ? breaks(request, response) : table(request, response);
  };
  const oneByOne = { connectionsPerHost: 1, retries: 1, silentToGiveUp: 8, forbiddenToGiveUp: 5 };
  const reset: Handler = (_, response) => void response.destroy();
  const forbid: Handler = (_, response) => void response.writeHead(403).end();
  const statusOf = async (host: string) =>
    (await readCrawlStatus(folder)).hosts.find((status) => status.host === host);

  test('whose robots.txt never comes, after so many requests over all runs; the others are had', async () => {
    seeds = 2;
    await using server = await startServer(site((_, host) => host === 'site.example', reset));
    const asked = () => server.requests.filter((path) => path === '/robots.txt').length;
    const patient = { ...oneByOne, silentToGiveUp: 10_000 };
    const first = await run(server, patient);
    expect(first).toMatchObject({ complete: false, waitsFor: ['site.example'], pages: 31 });
    expect(await statusOf('site.example')).not.toHaveProperty('givenUp');
    // One is the other host's; the next run's two reach the limit.
    const before = asked();
    const second = await run(server, { ...oneByOne, silentToGiveUp: before - 1 + 2 });
    expect(second).toMatchObject({ complete: true, waitsFor: [], reasons: { 'host-silent': 1 } });
    expect(await statusOf('site.example')).toMatchObject({ givenUp: 'host-silent' });
    expect(asked()).toBe(before + 2);
  });

  test.each([
    ['host-silent', reset, 4],
    ['host-forbids', forbid, 5],
  ])(
    'with the reason %s in the log and the status; a later run asks once, an answer forgets it',
    async (reason, breaks, most) => {
      let isBroken = true;
      const handler = site((path) => isBroken && /^\/\d/.test(path), breaks);
      await using server = await startServer(handler);
      const pagesAsked = () => new Set(server.requests.filter((path) => /^\/\d/.test(path))).size;
      const first = await run(server, oneByOne);
      expect(first).toMatchObject({ complete: true, waitsFor: [], pages: 1 });
      // Five may be under way when the first of them breaks.
      const asked = pagesAsked();
      expect(asked).toBeGreaterThanOrEqual(most);
      expect(asked).toBeLessThan(most + 5);
      expect(await statusOf('site.example')).toMatchObject({ givenUp: reason, waiting: 30 - asked });
      const log = await readLog(folder);
      expect(log.map((entry) => entry.reason)).toContain(reason);
      server.requests.length = 0;
      await run(server, oneByOne);
      expect(pagesAsked()).toBe(1);
      isBroken = false;
      expect(await run(server, oneByOne)).toMatchObject({ complete: true, pages: 31 });
      expect(await statusOf('site.example')).not.toHaveProperty('givenUp');
    },
  );
});
