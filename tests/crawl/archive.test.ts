// What a crawl archives beside the pages: requests as the server got them, and how it came to each page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
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
