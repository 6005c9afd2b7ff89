import { copyFile, mkdir, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom, type JsonObject } from '@gristmill/core';
import { crawl, readCrawledItems, readPlan, readRoute, webCrawler, type CrawlReport } from '@gristmill/crawl';
import { pages, startServer, type Handler, type LocalServer } from '../http/local-server.ts';
import { collect } from '../http/collect.ts';
import { readLog, writeOldLog } from './read-log.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-crawl-'))));
afterEach(() => rm(folder, { recursive: true }));

const source = { name: 'site', kind: 'web' } as const;
const link = (...paths: string[]): string => paths.map((path) => `<a href="${path}">x</a>`).join('');

interface Settings {
  readonly options?: JsonObject;
  readonly where?: JsonObject;
  readonly to?: string;
  readonly refresh?: boolean;
  readonly signal?: AbortSignal;
}

/** Crawls the server under the name site.example. */
async function run(
  server: LocalServer,
  { options, where, to = folder, ...rest }: Settings = {},
): Promise<CrawlReport> {
  const plan = readPlan({ seeds: ['http://site.example/'], ...options });
  const hostMap = [`site.example=127.0.0.1:${server.port}`, `other.example=127.0.0.1:${server.port}`];
  const route = readRoute({ hostMap, allowPrivate: true, retryBaseMs: 1, retries: 3, ...where }, plan.seeds);
  return crawl({ plan, route, folder: to, ...rest });
}

/** Path → body, or the verdict's reason in brackets. */
async function found(from = folder): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for await (const item of readCrawledItems({ folder: from, source })) {
    const { pathname, search } = new URL(item.source.url!);
    result[pathname + search] = item.verdict
      ? `[${item.verdict.reason}]`
      : Buffer.from(item.bytes).toString();
  }
  return result;
}

describe('a crawl', () => {
  test('follows links inside its scope and keeps what it finds, ids without the port', async () => {
    const table = {
      '/': link('/a', 'b#x', 'http://other.example/', 'mailto:x@y'),
      '/a': link('/'),
      '/b': 'end',
    };
    await using server = await startServer(pages(table));
    const report = await run(server);
    expect(report).toMatchObject({
      pages: 3,
      complete: true,
      outcomes: { fetched: 3 },
      refusals: { scope: 1 },
    });
    expect(await found()).toEqual(table);
    const items = await collect(readCrawledItems({ folder, source }));
    expect(items.map((item) => item.source.url).sort()).toEqual([
      'http://site.example/',
      'http://site.example/a',
      'http://site.example/b',
    ]);
  });

  test('has no more pages under way than are allowed over all hosts', async () => {
    let [now, most] = [0, 0];
    await using server = await startServer((_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.writeHead(200, { 'content-type': 'text/html' }).end(link('/a', '/b'));
      }, 5);
    });
    const names = Array.from({ length: 8 }, (_, i) => `h${i}.example`);
    const plan = readPlan({ seeds: names.map((name) => `http://${name}/`) });
    const hostMap = names.map((name) => `${name}=127.0.0.1:${server.port}`);
    const where = { hostMap, allowPrivate: true, connectionsPerHost: 1, pagesAtOnce: 3 };
    const report = await crawl({ plan, route: readRoute(where, plan.seeds), folder });
    expect([report.pages, report.complete]).toEqual([24, true]);
    expect(most).toBeLessThanOrEqual(3);
  });

  test('obeys robots.txt, and records why and by which line', async () => {
    await using server = await startServer(
      pages({
        '/robots.txt': 'User-agent: *\nDisallow: /private',
        '/': link('/private/x', '/open'),
        '/open': 'yes',
      }),
    );
    await run(server);
    expect(await found()).toMatchObject({ '/open': 'yes', '/private/x': '[robots]' });
    expect(server.requests).not.toContain('/private/x');
    const log = await readLog(folder);
    expect(log.find(({ outcome }) => outcome === 'robots')?.robots).toEqual({
      line: 2,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  test('obeys nofollow of pages, links and headers, and hears noindex', async () => {
    const header: Handler = (_, response) =>
      void response
        .writeHead(200, {
          'content-type': 'text/html',
          'x-robots-tag': 'otherbot: none, gristmill: nofollow',
        })
        .end(link('/c'));
    await using server = await startServer(
      pages({
        '/': `${link('/a', '/b', '/d')}<a rel="NoFollow" href="/e">e</a>`,
        '/a': `<meta name="robots" content="NOFOLLOW">${link('/f')}`,
        '/b': '<meta name="gristmill" content="noindex">text',
        '/d': header,
      }),
    );
    await run(server);
    expect(
      Object.entries(await found())
        .map(([path, body]) => (body.startsWith('[') ? path + body : path))
        .sort(),
    ).toEqual(['/', '/a', '/b', '/d']);
  });

  test('takes sitemaps that robots.txt names: plain, gzipped, and indexes of them', async () => {
    const urls = (...paths: string[]) =>
      `<urlset>${paths.map((path) => `<url><loc> http://site.example${path} </loc></url>`).join('')}</urlset>`;
    await using server = await startServer(
      pages({
        '/robots.txt': 'Sitemap: /index.xml\nSitemap: http://site.example/plain.txt',
        '/index.xml':
          '<sitemapindex><sitemap><loc>http://site.example/deep.xml.gz</loc></sitemap></sitemapindex>',
        '/deep.xml.gz': (_, response) => void response.end(gzipSync(urls('/from-gzip', '/gone'))),
        '/plain.txt': 'http://site.example/from-text\n',
        '/': 'start',
        '/from-gzip': 'one',
        '/from-text': 'two',
      }),
    );
    await run(server);
    expect(await found()).toEqual({ '/': 'start', '/from-gzip': 'one', '/from-text': 'two' });
  });

  test('goes through redirects and failures that pass; dead links stay in the log', async () => {
    let asked = 0;
    await using server = await startServer(
      pages({
        '/': link('/old', '/flaky', '/dead', '/loop', '/broken'),
        '/old': (_, response) => void response.writeHead(301, { location: '/new' }).end(),
        '/new': 'here',
        '/flaky': (_, response) =>
          void (asked++ < 2
            ? response.writeHead(500).end()
            : response.writeHead(200, { 'content-type': 'text/html' }).end('at last')),
        '/loop': (_, response) => void response.writeHead(302, { location: '/loop' }).end(),
        '/broken': (_, response) => void response.writeHead(500).end(),
      }),
    );
    const report = await run(server);
    expect(report.outcomes).toEqual({ fetched: 3, redirect: 2, gone: 1, failed: 1 });
    expect(await found()).toMatchObject({ '/new': 'here', '/flaky': 'at last', '/broken': '[failed]' });
    expect(Object.keys(await found())).not.toContain('/old');
  });

  test('is bounded by pages, depth and the form of addresses', async () => {
    const endless: Handler = (request, response) => {
      const path = request.url === '/' ? '' : request.url;
      response.writeHead(200, { 'content-type': 'text/html' }).end(link(`${path}/a`, `${path}/a/b`));
    };
    await using server = await startServer(endless);
    const trapped = await run(server);
    expect(trapped.complete).toBe(true);
    expect(trapped.refusals['path-repeats']).toBeGreaterThan(0);
    expect(trapped.pages).toBeLessThan(100);
    const shallow = await run(server, { options: { maxDepth: 1 }, to: join(folder, 'shallow') });
    expect([shallow.pages, shallow.refusals.depth]).toEqual([3, 4]);
    const few = await run(server, { options: { maxPages: 5 }, to: join(folder, 'few') });
    expect([few.pages, few.complete]).toEqual([5, true]);
  });

  test('stays below the folder of its seed with scope path', async () => {
    await using server = await startServer(
      pages({ '/docs/a': link('/docs/b', '/other', '/docs-old'), '/docs/b': 'b' }),
    );
    await run(server, { options: { seeds: ['http://site.example/docs/a'], scope: 'path' } });
    expect(Object.keys(await found()).sort()).toEqual(['/docs/a', '/docs/b']);
  });

  test('refuses what is no text, too large or a bomb, with a verdict', async () => {
    const typed =
      (contentType: string, body: Uint8Array | string, encoding?: string): Handler =>
      (_, response) =>
        void response
          .writeHead(200, { 'content-type': contentType, ...(encoding && { 'content-encoding': encoding }) })
          .end(body);
    await using server = await startServer(
      pages({
        '/': link('/film', '/large', '/bomb', '/damaged', '/zipped'),
        '/film': typed('video/mp4', 'x'),
        '/large': typed('text/html', 'x'.repeat(20_000)),
        '/bomb': typed('text/html', gzipSync(Buffer.alloc(1e6)), 'gzip'),
        '/damaged': typed('text/html', 'no gzip', 'gzip'),
        '/zipped': typed('text/html', gzipSync('packed'), 'gzip'),
      }),
    );
    await run(server, { options: { maxBytes: 10_000 } });
    const { '/': _, ...rest } = await found();
    expect(rest).toEqual({
      '/film': '[refused]',
      '/large': '[refused]',
      '/bomb': '[refused]',
      '/damaged': '[refused]',
      '/zipped': 'packed',
    });
  });

  test('leaves a site alone that asks for more delay than the limit', async () => {
    await using server = await startServer(
      pages({ '/robots.txt': 'User-agent: *\nCrawl-delay: 1000', '/': 'x' }),
    );
    expect((await run(server)).reasons).toEqual({ 'crawl-delay': 1 });
    expect(server.requests).toEqual(['/robots.txt']);
  });
});

describe('refreshing', () => {
  test('asks conditionally; 304 and equal bytes confirm, 2xx revises, 404 ends, 500 changes nothing', async () => {
    let round = 0;
    const tagged: Handler = (request, response) => {
      const status = request.headers['if-none-match'] === '"t"' ? 304 : 200;
      response
        .writeHead(status, { etag: '"t"', 'content-type': 'text/html' })
        .end(status === 200 ? 'tagged' : undefined);
    };
    const changing =
      (status: number, bodies: string[]): Handler =>
      (_, response) =>
        void response.writeHead(round ? status : 200, { 'content-type': 'text/html' }).end(bodies[round]);
    await using server = await startServer(
      pages({
        '/': link('/tag', '/same', '/new', '/gone', '/broken'),
        '/tag': tagged,
        '/same': 'same',
        '/new': changing(200, ['first', 'second']),
        '/gone': changing(404, ['was here', '']),
        '/broken': changing(500, ['still here', '']),
      }),
    );
    await run(server, { where: { retries: 0 } });
    round = 1;
    const report = await run(server, { refresh: true, where: { retries: 0 } });
    expect(report.outcomes).toEqual({ unchanged: 3, fetched: 1, gone: 1, failed: 1 });
    const { '/': _, ...rest } = await found();
    expect(rest).toEqual({
      '/tag': 'tagged',
      '/same': 'same',
      '/new': 'second',
      '/gone': '[gone]',
      '/broken': 'still here',
    });
  });

  test('without it a finished crawl asks for nothing, except what failed', async () => {
    let broken = true;
    const flaky: Handler = (_, response) =>
      void response.writeHead(broken ? 503 : 200, { 'content-type': 'text/html' }).end('ok');
    await using server = await startServer(pages({ '/': link('/flaky'), '/flaky': flaky }));
    await run(server, { where: { retries: 0 } });
    broken = false;
    const before = server.requests.length;
    await run(server);
    expect(server.requests.slice(before)).toEqual(['/flaky']);
    expect(await found()).toMatchObject({ '/flaky': 'ok' });
    const after = server.requests.length;
    await run(server);
    expect(server.requests.slice(after)).toEqual([]);
  });
});

/** A tree of 40 pages. */
const tree: Handler = (request, response) => {
  const number = Number((request.url ?? '/').slice(1) || 1);
  const children = [2 * number, 2 * number + 1].filter((child) => child <= 40);
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`page ${number} ${link(...children.map((child) => `/${child}`))}`);
};

describe('a crawl that was stopped', () => {
  test('goes on where it was, at any request', async () => {
    await using server = await startServer(tree);
    await run(server, { to: join(folder, 'whole') });
    const whole = await found(join(folder, 'whole'));
    for (let round = 0; round < 8; round++) {
      const stop = new AbortController();
      const to = join(folder, `stopped-${round}`);
      const before = server.requests.length;
      await using stopping = await startServer((request, response) => {
        if (stopping.requests.length > 2 + round * 4) stop.abort();
        tree(request, response);
      });
      const first = await run(stopping, { to, signal: stop.signal });
      expect(first.complete).toBe(false);
      await run(server, { to });
      expect(await found(to)).toEqual(whole);
      expect(server.requests.length - before).toBeLessThan(44);
    }
  });

  test('has the same items whatever the order of rows in its database', async () => {
    await using server = await startServer(tree);
    await run(server);
    const items = await collect(readCrawledItems({ folder, source }));
    const log = await readLog(folder);
    const random = createRandom(5);
    for (let round = 0; round < 3; round++) {
      const to = join(folder, `shuffled-${round}`);
      await mkdir(to);
      await copyFile(join(folder, 'crawl-00000.warc.gz'), join(to, 'crawl-00000.warc.gz'));
      const shuffled = log.map((entry) => [random(), entry] as const).sort(([a], [b]) => a - b);
      await writeOldLog(
        to,
        shuffled.map(([, entry]) => entry),
      );
      expect(await collect(readCrawledItems({ folder: to, source }))).toEqual(items);
    }
  });
});

test('the engine drives it: complete after a refresh, items without the network, damage named', async () => {
  const request = { source, options: { seeds: ['http://site.example/'] }, folder };
  {
    await using server = await startServer(tree);
    const where = { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true };
    expect(await webCrawler.isComplete(folder)).toBe(false);
    const told: number[] = [];
    await webCrawler.refresh({
      ...request,
      where,
      signal: new AbortController().signal,
      progress: (done) => void told.push(done),
    });
    expect(await webCrawler.isComplete(folder)).toBe(true);
    expect(told.at(-1)).toBe(40);
  }
  const items = await collect(webCrawler.items(request));
  expect(items.length).toBe(40);
  expect(items[0].fetch).toMatchObject({ file: 'crawl-00000.warc.gz', status: 200 });
  await truncate(join(folder, 'crawl-00000.warc.gz'), 2000);
  await expect(collect(webCrawler.items(request))).rejects.toMatchObject({
    code: 'crawl-record-missing',
  });
});

test('wrong options are named', () => {
  expect(() => readPlan({})).toThrow('no URL to start from');
  expect(() => readPlan({ seeds: ['ftp://x'] })).toThrow('no http or https URL');
  expect(() => readPlan({ seeds: ['http://x'], depth: 3 })).toThrow('no option depth');
  expect(() => readPlan({ seeds: ['http://x'], maxDepth: -1 })).toThrow('-1 is no value for maxDepth');
  expect(() => readRoute({}, ['http://x.example/'])).toThrow('an agent and a contact');
  expect(() => readRoute({ agent: 'a b', contact: 'c' }, ['http://x.example/'])).toThrow('no product token');
});
