// What hosts say now, read again without asking for a page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crawl, readPlan, readRoute, refreshHostFiles } from '@gristmill/crawl';
import { checkDigests, fieldOf, openFile, readWarc } from '@gristmill/warc';
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
  const archived = (await collect(readWarc(file))).map(({ record }) => record);
  const ofRobots = archived.filter(({ url }) => url === 'http://site.example/robots.txt');
  const types = ['response', 'request', 'metadata'];
  expect(ofRobots.map(({ type }) => type)).toEqual([...types, ...types]);
});

test('a host in trouble is told, and asked once', async () => {
  await using server = await startServer((_, response) => void response.writeHead(503).end());
  const [reading] = await refreshHostFiles(folder, ['http://site.example/'], { route: routeTo(server) });
  expect(reading.failed.map(({ status }) => status)).toEqual([503, 503, 503]);
  expect(server.requests).toHaveLength(3);
});

test('each later reading is a revisit where the file is as it was', async () => {
  const table: Record<string, { readonly body: string; readonly etag?: string }> = {
    '/': { body: 'page' },
    '/robots.txt': { body: 'User-agent: *\nAllow: /', etag: '"1"' },
    '/ai.txt': { body: 'User-Agent: *\nAllow: /' },
    '/.well-known/tdmrep.json': { body: '[]' },
  };
  await using server = await startServer((request, response) => {
    const answer = table[request.url ?? ''];
    if (!answer) return void response.writeHead(404).end('nothing here');
    const etag = answer.etag && { etag: answer.etag };
    const isKnown = answer.etag !== undefined && request.headers['if-none-match'] === answer.etag;
    response.writeHead(isKnown ? 304 : 200, { 'content-type': 'text/html', ...etag });
    response.end(isKnown ? undefined : answer.body);
  });
  const route = routeTo(server);
  await crawl({ plan: readPlan({ seeds: ['http://site.example/'] }), route, folder });
  table['/.well-known/tdmrep.json'] = { body: '[{"location":"/","tdm-reservation":1}]' };
  await refreshHostFiles(folder, ['http://site.example/'], { route });
  await refreshHostFiles(folder, ['http://site.example/'], { route });
  await using file = await openFile(join(folder, 'crawl-00000.warc.gz'));
  const records = (await collect(readWarc(file))).map(({ record }) => record);
  const answers = records.filter(({ type }) => type === 'response' || type === 'revisit');
  const of = (path: string) => answers.filter(({ url }) => url === `http://site.example${path}`);
  const told = (path: string) =>
    of(path).map(({ type, fields }) => fieldOf(fields, 'warc-profile')?.split('/').at(-1) ?? type);
  expect(told('/robots.txt')).toEqual(['response', 'server-not-modified', 'server-not-modified']);
  expect(told('/ai.txt')).toEqual(['response', 'identical-payload-digest', 'identical-payload-digest']);
  expect(told('/.well-known/tdmrep.json')).toEqual(['response', 'response', 'identical-payload-digest']);
  const [whole, , last] = of('/ai.txt');
  expect(fieldOf(last.fields, 'warc-refers-to-date')).toBe(whole.date);
  expect(fieldOf(last.fields, 'warc-payload-digest')).toBe(fieldOf(whole.fields, 'warc-payload-digest'));
  expect(Buffer.from(last.block).toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  for (const record of records) expect(checkDigests(record)).not.toBe(false);
});
