// What a crawl archives beside the pages: requests as the server got them, and how it came to each page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crawl, readCrawledItems, readPlan, readRoute } from '@gristmill/crawl';
import { checkDigests, fieldOf, openFile, parseFields, readWarc, type WarcRecord } from '@gristmill/warc';
import { collect } from '../http/collect.ts';
import { startServer } from '../http/local-server.ts';

test('each answer is archived with its request, the address of its server, and the page that led to it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-archive-'));
  const heads = new Map<string, string>();
  await using server = await startServer((request, response) => {
    const { url = '/', rawHeaders } = request;
    const lines = rawHeaders.flatMap((name, at) => (at % 2 ? [] : [`${name}: ${rawHeaders[at + 1]}\r\n`]));
    heads.set(url, `GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    if (url === '/robots.txt') return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(url === '/' ? '<a href=/b>b</a>' : '<p>b');
  });
  try {
    const seed = 'http://site.example/';
    const route = readRoute({ hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true }, [
      seed,
    ]);
    await crawl({ plan: readPlan({ seeds: [seed] }), route, folder });
    await using file = await openFile(join(folder, 'crawl-00000.warc.gz'));
    const records = (await collect(readWarc(file))).map(({ record }) => record);
    const find = (type: string, url: string) =>
      records.find((record) => record.type === type && record.url === url)!;
    const idOf = ({ fields }: WarcRecord) => fieldOf(fields, 'warc-record-id');
    for (const path of ['', 'b']) {
      const url = seed + path;
      const [response, request, metadata] = ['response', 'request', 'metadata'].map((type) =>
        find(type, url),
      );
      expect(Buffer.from(request.block).toString('latin1')).toBe(heads.get(`/${path}`));
      for (const record of [request, metadata])
        expect(fieldOf(record.fields, 'warc-concurrent-to')).toBe(idOf(response));
      expect(fieldOf(response.fields, 'warc-ip-address')).toBe('127.0.0.1');
      expect([response, request, metadata].map(checkDigests)).toEqual([true, true, true]);
      const facts = parseFields(
        Buffer.concat([Buffer.from('\r\n'), metadata.block, Buffer.from('\r\n')]),
      )!.fields;
      expect(fieldOf(facts, 'via')).toBe(path === 'b' ? seed : undefined);
      expect(fieldOf(facts, 'hopsfromseed')).toBe(path === 'b' ? '1' : '0');
      expect(Number(fieldOf(facts, 'fetchtimems'))).toBeGreaterThanOrEqual(0);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a page that is as it was is archived as a revisit, an error and a broken answer as they came', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-archive-'));
  const links = '<a href=/tagged>t</a><a href=/plain>p</a><a href=/dead>d</a><a href=/broken>b</a>';
  await using server = await startServer((request, response) => {
    const { url = '', headers } = request;
    if (url === '/dead') return void response.writeHead(404).end('no such page');
    if (url === '/broken')
      return void response
        .writeHead(200, { 'content-type': 'text/html', 'content-length': '99' })
        .write('half', () => response.destroy());
    if (url === '/tagged' && headers['if-none-match'] === '"1"') return void response.writeHead(304).end();
    if (!['/', '/tagged', '/plain'].includes(url)) return void response.writeHead(404).end();
    const etag = url === '/tagged' ? { etag: '"1"' } : {};
    response.writeHead(200, { 'content-type': 'text/html', ...etag }).end(url === '/' ? links : `<p>${url}`);
  });
  try {
    const seed = 'http://site.example/';
    const hostMap = [`site.example=127.0.0.1:${server.port}`];
    const route = readRoute({ hostMap, allow: ['loopback'], retries: 1, retryBaseMs: 1 }, [seed]);
    const plan = readPlan({ seeds: [seed] });
    const first = await crawl({ plan, route, folder });
    expect(first.reasons).toEqual({ 'cut-short': 1 });
    const again = await crawl({ plan, route, folder, refresh: true });
    expect(again.outcomes).toMatchObject({ unchanged: 3 });
    await using file = await openFile(join(folder, 'crawl-00000.warc.gz'));
    const records = (await collect(readWarc(file))).map(({ record }) => record);
    const answers = records.filter(({ type }) => type === 'response' || type === 'revisit');
    const find = (path: string) => answers.filter(({ url }) => url === seed + path);
    const field = (name: string, path: string) => find(path).map(({ fields }) => fieldOf(fields, name));
    const profile = 'http://netpreserve.org/warc/1.1/revisit/';
    expect(field('warc-profile', 'tagged')).toEqual([undefined, `${profile}server-not-modified`]);
    expect(field('warc-profile', 'plain')).toEqual([undefined, `${profile}identical-payload-digest`]);
    for (const path of ['tagged', 'plain']) {
      expect(field('warc-refers-to-date', path)).toEqual([undefined, find(path)[0].date]);
      expect(field('warc-refers-to-target-uri', path)).toEqual([undefined, seed + path]);
      expect(new Set(field('warc-payload-digest', path)).size).toBe(1);
    }
    expect(find('dead').map(({ block }) => Buffer.from(block).toString().split('\r\n\r\n')[1])).toEqual([
      'no such page',
    ]);
    expect(field('warc-truncated', 'broken')).toEqual(['disconnect', 'disconnect']);
    for (const record of records) expect(checkDigests(record)).not.toBe(false);
    // Each run says who it was, and every record names the one of its own run.
    const runs = records
      .filter(({ type }) => type === 'warcinfo')
      .map(({ fields }) => fieldOf(fields, 'warc-record-id'));
    const named = records.flatMap(({ type, fields }) =>
      type === 'warcinfo' ? [] : [fieldOf(fields, 'warc-warcinfo-id')],
    );
    expect([...new Set(named)]).toEqual(runs);
    expect(runs).toHaveLength(2);
    const items = await collect(readCrawledItems({ folder, source: { name: 'site', kind: 'web' } }));
    expect(items.map(({ source, verdict }) => [source.url, verdict?.reason]).sort()).toEqual([
      [seed, undefined],
      [`${seed}broken`, 'failed'],
      [`${seed}plain`, undefined],
      [`${seed}tagged`, undefined],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
