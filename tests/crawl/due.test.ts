// When pages are asked for again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
import { recheckAfter } from '../../libs/crawl/src/due.ts';
import { pages, startServer } from '../http/local-server.ts';

const day = 86_400_000;

test.each([
  ['looked at once', 0, 0, 1],
  ['never changed in a day', 1, 0, 2],
  ['never changed in four days', 4, 0, 8],
  ['changed each time', 4, 4, 1 / Math.log(9)],
  ['changed once in four', 4, 1, 1 / -Math.log(3.5 / 4.5)],
  ['never changed in a year', 365, 0, 90],
])('a page %s', (_, checks, changes, days) => {
  expect(recheckAfter({ first: 0, last: checks * day, checks, changes })).toBeCloseTo(days * day);
});

test('a refresh of what is due asks for the page that changes, and for the one that stays when its sitemap says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-due-'));
  let version = 0;
  let changed = '2025-01-01';
  await using server = await startServer(
    pages({
      '/robots.txt': (_, response) => void response.writeHead(200).end('Sitemap: /map.xml'),
      '/map.xml': (_, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/xml' })
          .end(`<urlset><url><loc>/stays</loc><lastmod>${changed}</lastmod></url></urlset>`),
      '/': '<a href=/stays>x</a><a href=/changes>x</a>',
      '/stays': 'as ever',
      '/changes': (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end(`version ${version++}`),
    }),
  );
  const plan = readPlan({ seeds: ['http://site.example/'] });
  const hostMap = [`site.example=127.0.0.1:${server.port}`];
  const route = readRoute({ hostMap, allowPrivate: true, delayMs: 0 }, plan.seeds);
  let time = Date.UTC(2026, 0, 1);
  const clock = { now: () => time, sleep: () => Promise.resolve() };
  const run = async (refresh: boolean | 'due'): Promise<string[]> => {
    const before = server.requests.length;
    await crawl({ plan, route: { ...route, clock }, folder, refresh });
    return server.requests
      .slice(before)
      .filter((path) => ['/stays', '/changes'].includes(path))
      .sort();
  };
  expect(await run(false)).toEqual(['/changes', '/stays']);
  time += day / 2;
  expect(await run('due')).toEqual([]);
  for (let round = 0; round < 3; round++) {
    time += day;
    expect(await run(true)).toEqual(['/changes', '/stays']);
  }
  time += day;
  expect(await run('due')).toEqual(['/changes']);
  changed = new Date(time).toISOString();
  time += day / 100;
  expect(await run('due')).toEqual(['/stays']);
  expect(await run('due')).toEqual([]);
  time += 10 * day;
  expect(await run('due')).toEqual(['/changes', '/stays']);
  await rm(folder, { recursive: true });
});
