// Bodies that a crawl fetched, through the door of files.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentId } from '@gristmill/core';
import { crawl, readCrawledItems, readPlan, readRoute, webCrawler } from '@gristmill/crawl';
import { bodyOpener, openItems } from '@gristmill/import';
import { collect } from '../http/collect.ts';
import { pages, startServer, type Handler } from '../http/local-server.ts';
import { writePdf } from '../import/pdf-writer.ts';
import { writeZip } from '../import/zip-writer.ts';

const typed =
  (type: string, body: string | Buffer, headers = {}): Handler =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': type, ...headers }).end(body);

const epub = writeZip([
  { name: 'mimetype', bytes: 'application/epub+zip', deflate: false },
  {
    name: 'META-INF/container.xml',
    bytes:
      '<container><rootfiles><rootfile full-path="b.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
  },
  {
    name: 'b.opf',
    bytes:
      '<package xmlns:dc="x"><metadata><dc:title>Book</dc:title><meta name="tdm:reservation" content="1"/></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
  },
  { name: 'a.xhtml', bytes: '<html><body>first chapter</body></html>' },
  { name: 'b.xhtml', bytes: '<html><body>second chapter</body></html>' },
]);
const rss =
  '<rss><channel><item><guid>g1</guid><link>http://site.example/1</link><description>entry one</description></item></channel></rss>';
const reserved =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tdm="http://www.w3.org/ns/tdmrep/"><tdm:reservation>1</tdm:reservation></rdf:Description></rdf:RDF></x:xmpmeta>';
const pdf = writePdf({ text: 'a paper', xmp: reserved });

test('a book gives its chapters, a feed its entries, a PDF its own words; a page stays as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-bodies-'));
  const home = ['/b.epub', '/rss', '/p.pdf'].map((href) => `<a href=${href}>x</a>`).join('');
  await using server = await startServer(
    pages({
      '/': home,
      '/b.epub': typed('application/epub+zip', epub, { 'x-robots-tag': 'noai' }),
      '/rss': typed('application/rss+xml', rss),
      '/p.pdf': typed('application/pdf', pdf),
      '/1': 'the entry itself',
    }),
  );
  const mediaTypes = ['text/html', 'application/epub+zip', 'application/rss+xml', 'application/pdf'];
  const plan = readPlan({ seeds: ['http://site.example/'], mediaTypes });
  const hostMap = [`site.example=127.0.0.1:${server.port}`];
  await crawl({ plan, route: readRoute({ hostMap, allowPrivate: true }, plan.seeds), folder });
  const source = { name: 'site', kind: 'web' } as const;
  const fetched = await collect(readCrawledItems({ folder, source }));
  const items = (await Promise.all(fetched.map((item) => collect(bodyOpener.open(item))))).flat();
  const of = (url: string) => items.filter((item) => item.source.url === `http://site.example${url}`);

  const chapters = of('/b.epub');
  const imported = await collect(openItems(epub, { source, path: 'http://site.example/b.epub' }));
  expect(chapters.map(({ bytes }) => bytes)).toEqual(imported.map(({ bytes }) => bytes));
  expect(chapters.map(({ metadata, group, id }) => [metadata, group, id])).toEqual(
    imported.map(({ metadata, group, id }) => [metadata, group, id]),
  );
  expect(chapters[0].id).toBe(
    documentId({ name: 'site', url: 'http://site.example/b.epub', item: 'a.xhtml' }),
  );
  expect(chapters[1]).toMatchObject({
    source: { name: 'site', kind: 'web', item: 'b.xhtml' },
    fetch: { status: 200 },
    consent: { refusals: ['noai', 'tdmrep'] },
  });
  expect(chapters[1].source).not.toHaveProperty('path');

  expect(of('/1').map(({ bytes, source }) => [Buffer.from(bytes).toString(), source.item])).toEqual(
    expect.arrayContaining([
      ['entry one', 'g1'],
      ['the entry itself', undefined],
    ]),
  );
  expect(of('/p.pdf')).toMatchObject([{ consent: { refusals: ['tdmrep'] } }]);
  expect(Buffer.from(of('/p.pdf')[0].bytes).equals(pdf)).toBe(true);
  expect(of('/')[0]).toEqual(fetched.find((item) => item.source.url === 'http://site.example/'));
  expect(webCrawler.opens).toEqual({ module: '@gristmill/import', export: 'bodyOpener' });
  await rm(folder, { recursive: true });
});
