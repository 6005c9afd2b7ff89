// A site of 500 real pages, some of them in families that look like traps, and four traps around them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { crawl, readCrawlStatus, readPlan, readRoute } from '@gristmill/crawl';
import { startServer } from '../http/local-server.ts';

const count = 500;
const words =
  'mill grain stone wheel river baker flour sack cart winter harvest barn field road lantern'.split(' ');

/** A text of its own: words of the list with a number's letters behind them. */
function story(number: number): string {
  const random = createRandom(number + 1);
  const name = number.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]);
  return Array.from({ length: 40 }, () => words[Math.floor(random() * words.length)] + name).join(' ');
}

/** Real addresses: a numbered family with a next link alone, parameters, dates of the past, names. */
function addressOf(number: number): string {
  if (number < 150) return `/chapter/${number}`;
  if (number < 300) return `/item.php?id=${number}&lang=en`;
  if (number < 400) return `/${2000 + (number % 20)}/${1 + (number % 12)}/${number}`;
  return `/named/${story(number).split(' ')[0]}`;
}

const numbers = new Map(Array.from({ length: count }, (_, number) => [addressOf(number), number]));

test('all 500 are had, at most 100 others, and each cut is logged with its rule', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-traps-'));
  const served = new Set<string>();
  let others = 0;
  let session = 0;
  const link = (href: string): string => `<a href="${href.replaceAll('&', '&amp;')}">${href}</a> `;
  const trapsOf = (path: string, query: URLSearchParams): string | undefined => {
    if (path === '/calendar') {
      const [year, month] = [Number(query.get('y') ?? 2026), Number(query.get('m') ?? 6)];
      const at = (step: number): string => {
        const date = new Date(Date.UTC(year, month - 1 + step));
        return link(`/calendar?y=${date.getUTCFullYear()}&m=${date.getUTCMonth() + 1}`);
      };
      const name = new Date(Date.UTC(year, month - 1)).toLocaleString('en', {
        month: 'long',
        timeZone: 'UTC',
      });
      return `<h1>${name} ${year}</h1><p>Nothing is planned.</p>${at(-1)}${at(1)}${at(12)}`;
    }
    if (path.startsWith('/deep'))
      return `<p>Deeper.</p>${link(`${path}/level${path.length}`)}${link(`${path}/up`)}`;
    if (path === '/shelf') {
      const names = ['sort', 'view', 'page'];
      const orders = [
        [0, 1, 2],
        [2, 1, 0],
        [1, 0, 2],
        [1, 2, 0],
        [0, 2, 1],
        [2, 0, 1],
      ];
      const values = [1, 2, 3, 4].map((_, step) =>
        names.map((__, at) => 1 + ((Number(query.get(names[at]) ?? 1) + step + at) % 9)),
      );
      return `<ul><li>mill<li>barn</ul>${values
        .flatMap((list) =>
          orders.map((order) => link(`/shelf?${order.map((at) => `${names[at]}=${list[at]}`).join('&')}`)),
        )
        .join('')}`;
    }
    return undefined;
  };
  await using server = await startServer((request, response) => {
    const { pathname, searchParams, search } = new URL(request.url!, 'http://x');
    const trap = trapsOf(pathname, searchParams);
    const plain = (pathname + search).replace(/;jsessionid=\w+/, '');
    const number = numbers.get(plain);
    const isSession = plain !== pathname + search;
    if (pathname === '/robots.txt' || (pathname !== '/' && trap === undefined && number === undefined))
      return void response.writeHead(404).end();
    if (number !== undefined && !isSession) served.add(plain);
    else if (pathname !== '/') others++;
    const more =
      number === undefined
        ? Array.from({ length: count }, (_, n) => n)
            .filter((n) => n === 0 || n >= 150)
            .map((n) => link(addressOf(n)))
        : [
            link(`${addressOf((number + 7) % count).replace('?', `;jsessionid=${++session}a?`)}`),
            ...(number < 149 ? [link(addressOf(number + 1))] : []),
          ];
    const doors = [link('/calendar'), link('/deep'), link('/shelf')];
    const body =
      trap ??
      `<h1>Page</h1><p>${number === undefined ? 'Home' : story(number)}</p>${more.join('')}${doors.join('')}`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<html><body>${body}</body></html>`);
  });
  const plan = readPlan({ seeds: ['http://site.example/'], maxPages: 5000 });
  const hostMap = [`site.example=127.0.0.1:${server.port}`];
  const report = await crawl({ plan, route: readRoute({ hostMap, allowPrivate: true }, plan.seeds), folder });
  expect(report.complete).toBe(true);
  expect([...numbers.keys()].filter((address) => !served.has(address))).toEqual([]);
  expect(others).toBeLessThanOrEqual(100);
  const { cuts } = await readCrawlStatus(folder);
  const rules = Object.fromEntries(
    [...Map.groupBy(cuts, ({ rule }) => rule)].map(([rule, list]) => [rule, list.length]),
  );
  expect(Object.keys(rules)).toEqual(
    expect.arrayContaining(['far-date', 'nothing-new', 'path-repeats', 'permuted-parameters', 'session-id']),
  );
  expect(cuts.every(({ via }) => via?.startsWith('http://site.example/'))).toBe(true);
  await rm(folder, { recursive: true });
});
