// What a crawl finds, and where it stops: lists of every kind, addresses of the same page, scopes, media types, seeds that lead
// elsewhere. Real servers on loopback.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '@gristmill/core';
import { crawl, readCrawledItems, readPlan, readRoute, type CrawlReport } from '@gristmill/crawl';
import { pages, startServer, type Handler, type LocalServer } from '../http/local-server.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-discover-'))));
afterEach(() => rm(folder, { recursive: true }));

async function run(
  { port }: LocalServer,
  { seeds = ['http://site.example/'], ...options }: JsonObject & { seeds?: string[] } = {},
  refresh = false,
): Promise<CrawlReport> {
  const plan = readPlan({ seeds, ...options });
  const names = ['site', 'www.site', 'other', 'de.site'];
  const hostMap = names.map((name) => `${name}.example=127.0.0.1:${port}`);
  return crawl({ plan, route: readRoute({ hostMap, allowPrivate: true }, plan.seeds), folder, refresh });
}

/** Addresses of the documents that are there, without the usual host. */
async function found(): Promise<string[]> {
  const list: string[] = [];
  for await (const { source, verdict } of readCrawledItems({ folder, source: { name: 's', kind: 'web' } }))
    if (!verdict) list.push(source.url!.replace('http://site.example', ''));
  return list.sort();
}

const typed =
  (type: string, body: string | Buffer, headers = {}): Handler =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': type, ...headers }).end(body);
const link = (...paths: string[]): string => paths.map((path) => `<a href="${path}">x</a>`).join('');
const moved =
  (location: string): Handler =>
  (_, response) =>
    void response.writeHead(301, { location }).end();
const atom = '<feed xmlns="http://www.w3.org/2005/Atom">';

describe('a crawl finds', () => {
  test('pages of sitemaps, their index and their compressed files, and new ones when it asks again', async () => {
    let more = '';
    await using server = await startServer(
      pages({
        '/robots.txt': typed('text/plain', 'Sitemap: /index.xml'),
        '/': 'home',
        '/index.xml': typed(
          'application/xml',
          '<sitemapindex><sitemap><loc>/a.xml.gz</loc></sitemap></sitemapindex>',
        ),
        '/a.xml.gz': (_, response) =>
          void response
            .writeHead(200, { 'content-type': 'application/gzip' })
            .end(
              gzipSync(
                `<urlset><url><loc>/a</loc></url><url><loc>http://other.example/</loc></url>${more}</urlset>`,
              ),
            ),
        '/a': 'a',
        '/b': 'b',
      }),
    );
    expect(await run(server)).toMatchObject({ pages: 2, complete: true });
    more = '<url><loc>/b</loc></url>';
    await run(server, {}, true);
    expect(await found()).toEqual(['/', '/a', '/b']);
  });

  test('entries of feeds that pages name, page after page, and keeps no feed as a document', async () => {
    const feeds =
      '<link rel=alternate type="application/rss+xml" href=/rss><link rel=alternate type="application/feed+json" href=/feed.json>';
    await using server = await startServer(
      pages({
        '/': feeds,
        '/rss': typed(
          'application/rss+xml',
          '<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><a:link rel="next" href="/rss2"/><item><link>/1</link></item></channel></rss>',
        ),
        '/rss2': typed('text/xml', '<rss><channel><item><link>/2</link></item></channel></rss>'),
        '/feed.json': typed(
          'application/json',
          '{"version":"https://jsonfeed.org/version/1","items":[{"url":"/3"}]}',
        ),
        ...{ '/1': 'one', '/2': 'two', '/3': 'three' },
      }),
    );
    expect(await run(server)).toMatchObject({ pages: 4, complete: true });
    expect(await found()).toEqual(['/', '/1', '/2', '/3']);
    expect(await run(server, { feeds: false, maxPages: 9 })).toMatchObject({ pages: 4 });
  });

  test('books of an OPDS catalogue and records of a repository, from a seed that is no document', async () => {
    const opds = 'type="application/atom+xml;profile=opds-catalog;kind=acquisition"';
    const rel = 'rel="http://opds-spec.org/acquisition/open-access"';
    const record = (id: number): string =>
      `<record><header/><metadata><dc><identifier>http://site.example/item/${id}</identifier></dc></metadata></record>`;
    await using server = await startServer(
      pages({
        '/opds': typed(
          'application/atom+xml',
          `${atom}<entry><link rel="subsection" href="/opds/all" ${opds}/></entry></feed>`,
        ),
        '/opds/all': typed(
          'application/atom+xml',
          `${atom}<link rel="next" href="/opds/all2" ${opds}/><entry><link ${rel} href="/b1.epub" type="application/epub+zip"/></entry></feed>`,
        ),
        '/opds/all2': typed(
          'application/atom+xml',
          `${atom}<entry><link ${rel} href="/b2.epub"/></entry></feed>`,
        ),
        '/b1.epub': typed('application/epub+zip', 'PK one'),
        '/b2.epub': typed('application/epub+zip', 'PK two'),
        '/oai': (request, response) => {
          const { searchParams } = new URL(request.url!, 'http://x');
          const page = Number(searchParams.get('resumptionToken') ?? 0);
          const token = page < 2 ? `<resumptionToken>${page + 1}</resumptionToken>` : '';
          typed('text/xml', `<OAI-PMH><ListRecords>${record(page)}${token}</ListRecords></OAI-PMH>`)(
            request,
            response,
          );
        },
        ...{ '/item/0': 'zero', '/item/1': 'one', '/item/2': 'two' },
      }),
    );
    const seeds = [
      'http://site.example/opds',
      'http://site.example/oai?verb=ListRecords&metadataPrefix=oai_dc',
    ];
    const mediaTypes = ['text/html', 'application/epub+zip'];
    expect(await run(server, { seeds, mediaTypes })).toMatchObject({ pages: 5, complete: true });
    expect(await found()).toEqual(['/b1.epub', '/b2.epub', '/item/0', '/item/1', '/item/2']);
  });

  test('the page elsewhere and the rest of a series at no cost of depth, in markup and in headers', async () => {
    const table = {
      '/':
        '<link rel=canonical href=/home><link rel=alternate hreflang=de href=http://de.site.example/>' +
        link('/far'),
      '/home': '<link rel=next href=/p2>',
      '/p2': typed('text/html', 'two', { link: '</p3>; rel="next"' }),
      ...{ '/p3': 'three', '/far': link('/farther'), '/farther': 'x' },
    };
    await using server = await startServer(pages(table));
    await run(server, { maxDepth: 0, scope: 'domain' });
    expect((await found()).filter((address) => !/\.example\/./.test(address))).toEqual([
      ...['/', '/home', '/p2', '/p3', 'http://de.site.example/'],
    ]);
  });
});

describe('a crawl stays', () => {
  const styles: Record<string, string | Handler> = {
    '/': link('/a', '/x.css', '/x.js', '/x.pdf', '/data.xml', '/docs/b', '/docs/print/b'),
    '/x.css': typed('text/css', 'a{}'),
    '/x.js': typed('text/javascript', 'a()'),
    '/x.pdf': typed('application/pdf', '%PDF-1.4'),
    '/data.xml': typed('application/xml', '<data/>'),
    ...{ '/a': 'a', '/docs/b': 'b', '/docs/print/b': 'b again' },
  };

  test('with HTML unless a recipe says more', async () => {
    await using server = await startServer(pages(styles));
    expect(await run(server)).toMatchObject({ reasons: { 'media-type': 4 } });
    expect(await found()).toEqual(['/', '/a', '/docs/b', '/docs/print/b']);
    await rm(folder, { recursive: true });
    await run(server, { mediaTypes: ['application/pdf', 'text/html'] });
    expect(await found()).toContain('/x.pdf');
  });

  test('with addresses that patterns include, and without those that they exclude', async () => {
    await using server = await startServer(pages(styles));
    const seeds = ['http://site.example/'];
    const patterns = {
      scope: 'pattern',
      include: ['http://site.example/docs/', '*/a$'],
      exclude: ['*/print/'],
    };
    expect(await run(server, { seeds, ...patterns })).toMatchObject({ refusals: { excluded: 1 } });
    expect(await found()).toEqual(['/', '/a', '/docs/b']);
    expect(() => readPlan({ seeds, scope: 'pattern' })).toThrow(/patterns to include/);
  });

  test('with a seed that leads to another host of its domain, and tells of one that leads away', async () => {
    const onWww = (request: { headers: { host?: string } }) => request.headers.host?.startsWith('www.');
    await using server = await startServer((request, response) => {
      if (request.url === '/robots.txt') return void response.writeHead(404).end();
      if (request.headers.host === 'other.example')
        return void moved('http://elsewhere.test/')(request, response);
      if (!onWww(request)) return void moved(`http://www.site.example${request.url}`)(request, response);
      pages({ '/': link('/a'), '/a': link('/b'), '/b': 'b' })(request, response);
    });
    const seeds = ['http://site.example/', 'http://other.example/'];
    expect(await run(server, { seeds, maxDepth: 1 })).toMatchObject({
      pages: 2,
      strays: { 'http://other.example/': 'http://elsewhere.test/' },
    });
    await run(server, { seeds }, true);
    expect(await found()).toContain('http://www.site.example/b');
  });
});
