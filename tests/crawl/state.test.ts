// The crawl's state: turns of hosts, folders of the first version, a log that a power cut shortened, damage.
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { crawl, readCrawledItems, readPlan, readRoute, type CrawlReport } from '@gristmill/crawl';
import { createDatabase } from '../../libs/crawl/src/database.ts';
import { createFrontier, type Frontier } from '../../libs/crawl/src/frontier.ts';
import { createTotals, createUrlTable, type WaitingUrl } from '../../libs/crawl/src/url-table.ts';
import { collect } from '../http/collect.ts';
import { startServer, type Handler, type LocalServer } from '../http/local-server.ts';
import { readLog, writeOldLog } from './read-log.ts';

const source = { name: 'site', kind: 'web' } as const;
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-state-'))));
afterEach(() => rm(folder, { recursive: true }));

function open({ mostPerHost = 1, readyAt = () => 0, delay = 0 }: Partial<Settings> = {}): Frontier {
  const db = createDatabase(':memory:');
  const urls = createUrlTable(db, createTotals(db));
  return createFrontier({ urls, mostPerHost, readyAt, delayMs: () => delay });
}
interface Settings {
  readonly mostPerHost: number;
  readonly readyAt: (host: string) => number;
  readonly delay: number;
}

const at = (host: string, path: string, depth = 0) => ({ url: `http://${host}.example/${path}`, depth });
const given = (url: WaitingUrl | undefined) =>
  url && new URL(url.url).hostname[0] + new URL(url.url).pathname;

describe('the frontier', () => {
  test('gives hosts turns, shallow before deep, old before new, known ones once', () => {
    const frontier = open({ mostPerHost: 9 });
    frontier.add([at('a', 'deep', 2), at('a', '1'), at('a', '2'), at('b', '1'), at('a', '1')]);
    expect(frontier.waiting).toBe(4);
    const take = () => {
      const url = frontier.next(0);
      if (url) frontier.open(url);
      return given(url);
    };
    const order = Array.from({ length: 5 }, take);
    expect(order).toEqual(['a/1', 'b/1', 'a/2', 'a/deep', undefined]);
    // A shallow one that is found late comes before deep ones, and nothing comes twice.
    frontier.add([at('a', 'deeper', 3), at('a', 'late', 1), at('a', '1')]);
    expect(Array.from({ length: 3 }, () => given(frontier.next(0)))).toEqual([
      'a/late',
      'a/deeper',
      undefined,
    ]);
  });

  test('holds a host back while it is busy, not ready, or set aside', () => {
    const frontier = open({ readyAt: (host) => (host.startsWith('b') ? 50 : 0), delay: 10 });
    frontier.add([at('a', '1'), at('a', '2'), at('b', '1')]);
    const first = frontier.next(0)!;
    // A quarter of the delay before its moment, so that it is prepared then.
    expect([given(first), given(frontier.next(0)), frontier.wakesAt()]).toEqual(['a/1', undefined, 47.5]);
    frontier.done(first);
    expect([given(frontier.next(7)), frontier.wakesAt()]).toEqual([undefined, 7.5]);
    const second = frontier.next(10)!;
    frontier.setAside(second, 70);
    frontier.done(second);
    expect(given(frontier.next(47))).toBeUndefined();
    expect([given(frontier.next(60)), given(frontier.next(69)), given(frontier.next(70))]).toEqual([
      'b/1',
      undefined,
      'a/2',
    ]);
  });

  test('gives a host one URL until its files are read, then as many as it may have', () => {
    const frontier = open({ mostPerHost: 3 });
    frontier.add(['1', '2', '3', '4', '5'].map((path) => at('a', path)));
    const first = frontier.next(0)!;
    expect(frontier.next(0)).toBeUndefined();
    frontier.open(first);
    const more = [frontier.next(0)!, frontier.next(0)!];
    expect([...more, frontier.next(0)].map(given)).toEqual(['a/2', 'a/3', undefined]);
    // Set aside, it is as if nothing was known of it.
    frontier.setAside(first, 10);
    for (const url of [first, ...more]) frontier.done(url);
    expect([frontier.next(10), frontier.next(10)].map(given)).toEqual(['a/1', undefined]);
  });

  test('gives every URL once, against a model, whatever comes between', () => {
    const random = createRandom(11);
    const frontier = open({ mostPerHost: 3, delay: 5 });
    const expected = new Set<string>();
    const seen: string[] = [];
    const busy: WaitingUrl[] = [];
    let now = 0;
    for (let step = 0; step < 4000; step++) {
      now += Math.floor(random() * 4);
      const dice = random();
      if (dice < 0.3) {
        const url = at(
          'abcdefg'[Math.floor(random() * 7)],
          String(Math.floor(random() * 300)),
          Math.floor(random() * 4),
        );
        frontier.add([url]);
        expected.add(url.url);
      } else if (dice < 0.7) {
        const next = frontier.next(now);
        if (next) busy.push(next);
      } else if (busy.length > 0) {
        const [url] = busy.splice(Math.floor(random() * busy.length), 1);
        if (random() < 0.1) frontier.setAside(url, now + 20);
        else seen.push(url.url);
        frontier.done(url);
      }
    }
    for (let idle = 0; frontier.waiting > 0 && idle < 10_000; idle++) {
      const next = frontier.next((now += 50));
      if (next) seen.push(next.url);
      else busy.splice(0).forEach((url) => (seen.push(url.url), frontier.done(url)));
      if (next) frontier.done(next);
    }
    seen.push(...busy.map(({ url }) => url));
    expect(seen.sort()).toEqual([...expected].sort());
  });
});

/** A tree of 40 pages. */
const tree: Handler = (request, response) => {
  const number = Number((request.url ?? '/').slice(1) || 1);
  const children = [2 * number, 2 * number + 1].filter((child) => child <= 40);
  const links = children.map((child) => `<a href="/${child}">x</a>`);
  response.writeHead(200, { 'content-type': 'text/html' }).end(`page ${number} ${links.join('')}`);
};

async function run(server: LocalServer, to = folder, signal?: AbortSignal): Promise<CrawlReport> {
  const plan = readPlan({ seeds: ['http://site.example/'] });
  const where = { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true, retryBaseMs: 1 };
  return crawl({ plan, route: readRoute(where, plan.seeds), folder: to, signal });
}
const items = (from: string) => collect(readCrawledItems({ folder: from, source }));
const texts = async (from: string) =>
  (await items(from)).map(({ source: { url }, bytes }) => `${url} ${Buffer.from(bytes).toString()}`).sort();

test('the page that links to a URL is known', async () => {
  await using server = await startServer(tree);
  await run(server);
  const db = createDatabase(join(folder, 'crawl.sqlite'));
  const rows = db
    .prepare(
      'SELECT urls.url, pages.url AS via FROM urls LEFT JOIN urls AS pages ON pages.id = urls.via WHERE urls.kind IS NULL',
    )
    .all() as { url: string; via: string | null }[];
  db.close();
  const number = (url: string) => Number(new URL(url).pathname.slice(1) || 1);
  expect(rows).toHaveLength(40);
  for (const { url, via } of rows)
    expect(via && number(via)).toBe(number(url) === 1 ? null : number(url) >> 1);
});

describe('a folder of the first version', () => {
  test('is read as it lies, and goes on as one of the second', async () => {
    await using server = await startServer(tree);
    const stop = new AbortController();
    const stopping = await startServer((request, response) => {
      if (stopping.requests.length > 15) stop.abort();
      tree(request, response);
    });
    await run(stopping, folder, stop.signal);
    await stopping[Symbol.asyncDispose]();
    const before = await items(folder);
    const old = join(folder, 'old');
    await mkdir(old);
    await copyFile(join(folder, 'crawl-00000.warc.gz'), join(old, 'crawl-00000.warc.gz'));
    const log = await readLog(folder);
    const fetched = log.filter(({ kind }) => kind === undefined);
    const known = [
      1,
      ...fetched.flatMap(({ url }) =>
        [2, 3].map((n) => n + 2 * (Number(new URL(url).pathname.slice(1) || 1) - 1)),
      ),
    ];
    const frontier = known.map((n) => ({
      url: `http://site.example/${n === 1 ? '' : n}`,
      depth: Math.floor(Math.log2(n)),
    }));
    await writeOldLog(
      old,
      log.map((entry) => ({ ...entry, frontier: 3 })),
    );
    await writeFile(
      join(old, 'frontier.jsonl'),
      frontier.map((entry) => `${JSON.stringify(entry)}\n`).join('') + '{"url":"http://cut',
    );
    await writeFile(join(old, 'crawl.json'), '{"format":"gristmill-crawl","version":1}\n');
    expect(await items(old)).toEqual(before);
    expect(await readdir(old)).toContain('fetch-log.jsonl');
    const asked = server.requests.length;
    await run(server, old);
    expect(await readdir(old)).toEqual(['crawl-00000.warc.gz', 'crawl.json', 'crawl.sqlite']);
    expect((await texts(old)).length).toBe(40);
    // Its host files were never kept in a table: they are asked for, and every page that is missing, once.
    expect(server.requests.length - asked).toBe(43 - before.length);
  });

  test('is refused where a line is no JSON', async () => {
    await writeFile(join(folder, 'fetch-log.jsonl'), 'no line\n{}\n');
    await expect(items(folder)).rejects.toMatchObject({ code: 'crawl-log-damaged' });
    await using server = await startServer(tree);
    await expect(run(server)).rejects.toMatchObject({ code: 'crawl-log-damaged' });
  });

  test('and one of a later version is refused', async () => {
    await writeFile(join(folder, 'crawl.json'), '{"format":"gristmill-crawl","version":3}');
    await expect(items(folder)).rejects.toMatchObject({ code: 'crawl-version' });
  });
});

/** As after a kill: the database with its log, as they lie while the crawl goes on. */
async function copyWhileOpen(to: string): Promise<void> {
  await mkdir(to);
  for (const name of ['crawl.sqlite', 'crawl.sqlite-wal', 'crawl.json', 'crawl-00000.warc.gz'])
    await copyFile(join(folder, name), join(to, name)).catch(() => {});
}

test('after a power cut the log calls nothing done that the archive lacks, wherever the log was cut', async () => {
  let copies = 0;
  await using server = await startServer((request, response) => {
    // The pages come slowly enough for several groups.
    setTimeout(() => tree(request, response), 15);
    if (server.requests.length % 8 === 0) void copyWhileOpen(join(folder, `cut-${copies++}`));
  });
  await run(server);
  const whole = await texts(folder);
  const random = createRandom(3);
  await using again = await startServer(tree);
  for (let copy = 0; copy < copies; copy++) {
    const to = join(folder, `cut-${copy}`);
    const wal = join(to, 'crawl.sqlite-wal');
    const length = await readFile(wal).then(
      (bytes) => bytes.length,
      () => 0,
    );
    if (length > 0) await truncate(wal, Math.floor(length * random()));
    // What the log calls done is in the archive as it lay at that moment.
    for (const { bytes, verdict } of await items(to)) expect(verdict ?? bytes.length).toBeTruthy();
    await run(again, to);
    expect(await texts(to)).toEqual(whole);
  }
  expect(copies).toBeGreaterThan(3);
});

test('a database that is none is a sentence', async () => {
  await writeFile(join(folder, 'crawl.sqlite'), 'no database, '.repeat(500));
  await expect(items(folder)).rejects.toMatchObject({ code: 'crawl-log-damaged' });
  await using server = await startServer(tree);
  await expect(run(server)).rejects.toMatchObject({ code: 'crawl-log-damaged' });
});
