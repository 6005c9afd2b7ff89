import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commonCrawlImporter } from '@gristmill/import';
import {
  encodeRecord,
  exchangeRecords,
  hostKey,
  linesOfHost,
  parseCdxLine,
  sourceOf,
  type ByteSource,
} from '@gristmill/warc';
import { collect } from '../http/collect.ts';
import { startServer, type LocalServer } from '../http/local-server.ts';
import { startMemoryS3, type MemoryS3 } from '../storage/memory-s3.ts';
import { info } from '../warc/made-exchanges.ts';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';

const hosts = Array.from({ length: 300 }, (_, n) => `h${n}.example`);
const addresses = [
  'www.wanted.example/a',
  'sub.wanted.example/b',
  'wanted.example/c',
  'wanted-not.example/d',
].concat(hosts.flatMap((host) => Array.from({ length: 10 }, (_, n) => `${host}/${n}`)));
const files = new Map<string, Buffer>();
const folder = 'cc-index/collections/CC-MAIN-2026-01/indexes';

/** Archives of 1,000 pages, and an index of both levels in blocks of 100 lines. */
function makeArchive(): void {
  const lines: string[] = [];
  for (let number = 0; number * 1000 < addresses.length; number++) {
    const name = `crawl-data/CC-MAIN-2026-01/segments/1/warc/CC-MAIN-${number}.warc.gz`;
    const members = [encodeRecord(info)];
    let offset = members[0].length;
    for (const address of addresses.slice(1000 * number, 1000 * (number + 1))) {
      const url = `http://${address}`;
      const headers = [['Content-Type', 'text/html']] as const;
      const response = { status: 200, statusText: 'OK', headers, body: Buffer.from(`<p>${url}`) };
      const member = encodeRecord(exchangeRecords({ url, date: '2026-01-01T00:00:00Z', response })[0]);
      const { hostname, pathname } = new URL(url);
      const facts = {
        url,
        mime: 'text/html',
        status: '200',
        length: String(member.length),
        offset: String(offset),
      };
      lines.push(
        `${hostKey(hostname)})${pathname} 20260101000000 ${JSON.stringify({ ...facts, filename: name })}`,
      );
      members.push(member);
      offset += member.length;
    }
    files.set(name, Buffer.concat(members));
  }
  lines.sort();
  const cluster: string[] = [];
  let at = 0;
  const blocks = Array.from({ length: Math.ceil(lines.length / 100) }, (_, n) => {
    const part = lines.slice(100 * n, 100 * (n + 1));
    const block = gzipSync(part.join('\n') + '\n');
    cluster.push([part[0].split(' {')[0], 'cdx-00000.gz', at, block.length, n + 1].join('\t'));
    at += block.length;
    return block;
  });
  files.set(`${folder}/cluster.idx`, Buffer.from(cluster.join('\n') + '\n'));
  files.set(`${folder}/cdx-00000.gz`, Buffer.concat(blocks));
  files.set('index.cdxj', Buffer.from(lines.join('\n') + '\n'));
}
makeArchive();

let server: LocalServer;
let s3: MemoryS3;
let served = 0;
let trouble = 0;
beforeAll(async () => {
  server = await startServer((request, response) => {
    const bytes = files.get(decodeURIComponent(new URL(request.url!, 'http://x').pathname.slice(1)));
    if (!bytes) return void response.writeHead(404).end();
    if (trouble-- > 0) return void response.writeHead(503).end('slow down');
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!.map(Number);
    const part = bytes.subarray(from, to + 1);
    served += part.length;
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}` }).end(part);
  });
  s3 = await startMemoryS3();
  for (const [name, bytes] of files)
    s3.objects.set(`commoncrawl/${name}`, { bytes, etag: '"1"', metadata: {} });
  process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'test';
  process.env.AWS_ENDPOINT_URL_S3 = s3.endpoint;
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_S3;
  await server[Symbol.asyncDispose]();
  await s3.close();
});

const wanted = ['http://www.wanted.example/a', 'http://sub.wanted.example/b', 'http://wanted.example/c'];

describe("an archive in Common Crawl's layout", () => {
  test.each(['http', 's3', 'disk'])('gives the pages of a domain, by its index, from %s', async (where) => {
    await using list = await createImportFolder('web');
    let base = where === 's3' ? 's3://commoncrawl' : server.origin;
    if (where === 'disk') {
      base = join(list.folder, 'archive');
      for (const [name, bytes] of files) {
        await mkdir(dirname(join(base, name)), { recursive: true });
        await writeFile(join(base, name), bytes);
      }
    }
    served = 0;
    const items = await list.items(commonCrawlImporter, 'domains.txt', '# mine\nwanted.example\n', {
      base,
      index: folder,
    });
    expect(items.map((item) => item.source.url).sort()).toEqual([...wanted].sort());
    expect(items.map(textOf).sort()).toEqual(wanted.map((url) => `<p>${url}`).sort());
    const all = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    if (where === 'http') expect(served).toBeLessThan(all / 20);
  });

  test('gives those of an index that is one file, and those of index lines, each under the same id', async () => {
    await using list = await createImportFolder('web');
    const base = server.origin;
    const looked = await list.items(commonCrawlImporter, 'list', 'wanted.example', {
      base,
      index: 'index.cdxj',
    });
    const lines = files
      .get('index.cdxj')!
      .toString()
      .split('\n')
      .filter((line) => /^example,wanted[),]/.test(line));
    const listed = await list.items(commonCrawlImporter, 'list', lines.join('\n'), { base });
    expect(listed).toHaveLength(3);
    expect(looked.map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
  });

  test('gives whole archives by their paths, gzipped lists too, through an outage', async () => {
    await using list = await createImportFolder('web');
    const name = [...files.keys()][3];
    trouble = 2;
    const items = await list.items(commonCrawlImporter, 'warc.paths.gz', gzipSync(`${name}\n`), {
      base: server.origin,
    });
    expect(items).toHaveLength(addresses.length - 3000);
    expect(items[0].source.url).toBe(`http://${addresses[3000]}`);
  });

  test('that is not there is an error, and a line that is nothing a verdict', async () => {
    await using list = await createImportFolder('web');
    const read = (text: string, options: object) =>
      list.items(commonCrawlImporter, 'list', text, { ...options });
    const base = server.origin;
    await expect(read('x.warc.gz', { base })).rejects.toMatchObject({ code: 'archive-missing' });
    await expect(read('a.example', { base })).rejects.toMatchObject({ code: 'no-archive-index' });
    await expect(read('a.example', {})).rejects.toThrow(/base/);
    expect((await read('what is this', { base })).map(reasonOf)).toEqual(['no-list']);
  });
});

test('a look-up in a sorted file reads little of it and finds what a scan finds, for every host', async () => {
  const index = files.get('index.cdxj')!;
  let read = 0;
  const source: ByteSource = {
    size: index.length,
    read: (offset, length) => {
      read += length;
      return sourceOf(index).read(offset, length);
    },
  };
  const all = index.toString().trim().split('\n');
  for (const host of [
    'wanted.example',
    'h0.example',
    'h299.example',
    'h1.example',
    'none.example',
    'zz.zz',
    'a.a',
  ]) {
    const key = hostKey(host);
    const expected = all.filter((line) => line.startsWith(`${key})`) || line.startsWith(`${key},`));
    expect(await collect(linesOfHost(source, host)), host).toEqual(expected);
  }
  expect(read / 7).toBeLessThan(index.length);
});

test('lines of both forms are read, and others are none', () => {
  const old = 'org,a)/ 20140216050221 http://a.org/ text/html 200 ABC - - 1012 333 a.arc.gz';
  expect(parseCdxLine(old)).toMatchObject({
    url: 'http://a.org/',
    length: 1012,
    offset: 333,
    file: 'a.arc.gz',
  });
  for (const line of [
    ' CDX N b a m s k r M S V g',
    '',
    'a 20140216050221 {',
    'org,a)/ 20140216050221 {"url":"x"}',
  ])
    expect(parseCdxLine(line)).toBeUndefined();
});
