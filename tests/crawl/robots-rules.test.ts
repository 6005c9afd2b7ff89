import { expect, test } from 'vitest';
import { robotsByteLimit } from '@gristmill/consent';
import { createFetcher } from '@gristmill/http';
import { createDatabase } from '../../libs/crawl/src/database.ts';
import { createHostFileTable } from '../../libs/crawl/src/host-file-table.ts';
import { createHostFiles } from '../../libs/crawl/src/host-files.ts';
import { createRobotsRules, type RobotsRules } from '../../libs/crawl/src/robots-rules.ts';
import { createManualClock, type ManualClock } from '../http/manual-clock.ts';
import { pages, startServer, type Handler } from '../http/local-server.ts';

const day = 24 * 3600 * 1000;

async function withCache(
  handler: Handler,
  check: (cache: RobotsRules, origin: string, requests: string[], clock: ManualClock) => Promise<void>,
): Promise<void> {
  await using server = await startServer(handler);
  const clock = createManualClock();
  const fetcher = createFetcher({ allowPrivate: true, minDelayMs: 0, clock, retries: 1 });
  try {
    const table = createHostFileTable(createDatabase(':memory:'));
    const hostFiles = createHostFiles({ fetcher, table, clock, record: () => {} });
    await check(
      createRobotsRules({ hostFiles, agent: 'gristmill', clock }),
      server.origin,
      server.requests,
      clock,
    );
  } finally {
    await fetcher.close();
  }
}

const answering =
  (status: number, body = 'User-agent: *\nDisallow: /'): Handler =>
  (_, response) =>
    void response.writeHead(status).end(body);

test.each([
  [200, false],
  [301, true],
  [401, true],
  [403, true],
  [404, true],
  [410, true],
  [429, false],
  [500, false],
  [503, false],
])('status %i of robots.txt: may fetch is %s', async (status, allowed) => {
  await withCache(answering(status), async (cache, origin) => {
    expect((await cache.decide(`${origin}/x`)).allowed).toBe(allowed);
    expect((await cache.decide(`${origin}/robots.txt`)).allowed).toBe(true);
  });
});

test('a server that cannot be reached may not be crawled', async () => {
  await withCache(
    (_, response) => void response.destroy(),
    async (cache, origin) => {
      expect(await cache.decide(`${origin}/x`)).toMatchObject({
        allowed: false,
        rules: { access: 'nothing' },
      });
    },
  );
});

test('five redirects are followed, and the rules count for the origin that was asked', async () => {
  const handler: Handler = (request, response) => {
    const step = Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0);
    if (step < 5) response.writeHead(302, { location: `/r${step + 1}` }).end();
    else response.end('User-agent: *\nDisallow: /x');
  };
  await withCache(handler, async (cache, origin) => {
    expect(await cache.decide(`${origin}/x`)).toMatchObject({ allowed: false, line: 2 });
  });
});

test('robots.txt is asked for once in 24 hours, also by many at a time', async () => {
  await withCache(answering(200), async (cache, origin, requests, clock) => {
    await Promise.all(Array.from({ length: 10 }, () => cache.decide(`${origin}/x`)));
    expect(requests).toEqual(['/robots.txt']);
    clock.advance(day);
    await Promise.all(Array.from({ length: 10 }, () => cache.decide(`${origin}/x`)));
    expect(requests).toEqual(['/robots.txt', '/robots.txt']);
  });
});

test('while a server is away its earlier rules hold, for a month', async () => {
  let away = false;
  const handler: Handler = (request, response) =>
    answering(away ? 503 : 200, 'User-agent: *\nDisallow: /x')(request, response);
  await withCache(handler, async (cache, origin, _, clock) => {
    expect((await cache.decide(`${origin}/y`)).allowed).toBe(true);
    away = true;
    clock.advance(2 * day);
    expect((await cache.decide(`${origin}/y`)).allowed).toBe(true);
    clock.advance(29 * day);
    expect((await cache.decide(`${origin}/y`)).allowed).toBe(false);
  });
});

test('a file of any length is read up to 500 KiB', async () => {
  const long = `User-agent: *\nDisallow: /x\n${'#'.repeat(9 * robotsByteLimit)}`;
  await withCache(pages({ '/robots.txt': long }), async (cache, origin) => {
    expect((await cache.decide(`${origin}/x`)).allowed).toBe(false);
    expect((await cache.decide(`${origin}/y`)).allowed).toBe(true);
  });
});
