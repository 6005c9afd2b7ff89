// What hosts say now, read again without asking for a page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crawl, readPlan, readRoute, refreshHostFiles } from '@gristmill/crawl';
import { openFile, readWarc } from '@gristmill/warc';
import { collect } from '../http/collect.ts';
import { pages, startServer, type LocalServer } from '../http/local-server.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-host-files-'))));
afterEach(() => rm(folder, { recursive: true }));

const routeTo = (server: LocalServer) => {
  const where = { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true, retryBaseMs: 1 };
  return readRoute(where, ['http://site.example/']);
};

test('at most four requests a host, archived, and no page', async () => {
  const table: Record<string, string> = { '/': 'page', '/robots.txt': 'User-agent: *\nAllow: /' };
  await using server = await startServer((request, response) => pages(table)(request, response));
  const route = routeTo(server);
  await crawl({ plan: readPlan({ seeds: ['http://site.example/'] }), route, folder });
  server.requests.length = 0;
  table['/robots.txt'] = 'License: /license.xml\nUser-agent: *\nDisallow: /';
  table['/license.xml'] = '<rsl xmlns="https://rslstandard.org/rsl"/>';
  const urls = ['http://site.example/a', 'http://site.example/b'];
  const [reading, ...others] = await refreshHostFiles(folder, urls, { route });
  expect(others).toEqual([]);
  expect(server.requests.sort()).toEqual([
    '/.well-known/tdmrep.json',
    '/ai.txt',
    '/license.xml',
    '/robots.txt',
  ]);
  expect(reading).toMatchObject({
    origin: 'http://site.example',
    robots: { url: 'http://site.example/robots.txt', text: table['/robots.txt'] },
    rsl: [{ url: 'http://site.example/license.xml', text: table['/license.xml'] }],
    failed: [],
  });
  expect(reading).not.toHaveProperty('tdmrep');
  await using file = await openFile(join(folder, 'crawl-00000.warc.gz'));
  const archived = (await collect(readWarc(file))).map(({ record }) => record.url);
  expect(archived.filter((url) => url === 'http://site.example/robots.txt')).toHaveLength(2);
});

test('a host in trouble is told, and asked once', async () => {
  await using server = await startServer((_, response) => void response.writeHead(503).end());
  const [reading] = await refreshHostFiles(folder, ['http://site.example/'], { route: routeTo(server) });
  expect(reading.failed.map(({ status }) => status)).toEqual([503, 503, 503]);
  expect(server.requests).toHaveLength(3);
});
