// What we write, before the judges of the field: Python's warcio (`check`, and the payloads that it reads) and cdxj-indexer.
// Skipped where `python3` has them not: pip install warcio cdxj-indexer, and activate that environment.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeRecord, exchangeRecords, formatRecord, sha1Digest } from '@gristmill/warc';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
import { commonCrawlImporter } from '@gristmill/import';
import { createImportFolder } from '../import/import-folder.ts';
import { startServer } from '../http/local-server.ts';
import { findPython, runPython } from '../python/python.ts';
import { info, madeExchanges } from './made-exchanges.ts';

const python = findPython(['warcio', 'cdxj_indexer']);
const folder = mkdtempSync(join(tmpdir(), 'gristmill-judges-'));
afterAll(() => rmSync(folder, { recursive: true }));

const exchanges = madeExchanges(60);
const records = [info, ...exchanges.flatMap(exchangeRecords)];
const plain = join(folder, 'made.warc');
const gzipped = join(folder, 'made.warc.gz');
writeFileSync(plain, Buffer.concat(records.map(formatRecord)));
writeFileSync(gzipped, Buffer.concat(records.map(encodeRecord)));
const run = (module: string, ...args: string[]): string =>
  runPython(python!, `import sys; from ${module} import main; main(sys.argv[1:])`, args);

test.skipIf(!python).each([plain, gzipped])('warcio check finds every digest right in %s', (file) => {
  const report = run('warcio.cli', 'check', '-v', file);
  // A revisit's digest is of what it does not hold.
  const judged = records.filter(({ type }) => type !== 'revisit');
  expect(report.match(/digest pass/g)).toHaveLength(judged.length);
  expect(report).not.toMatch(/fail|mismatch|invalid/i);
});

test.skipIf(!python)('warcio reads the types, targets and payloads that were written', () => {
  const program = `
import sys, json, hashlib
from warcio.archiveiterator import ArchiveIterator
for record in ArchiveIterator(open(sys.argv[1], 'rb')):
    body = record.content_stream().read() if record.rec_type in ('response', 'revisit') else b''
    print(json.dumps([record.rec_type, record.rec_headers.get_header('WARC-Target-URI'), len(body)]))`;
  const found = runPython(python!, program, [gzipped])
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(found).toEqual(
    records.map(({ type, url, payload }) => [type, url ?? null, type === 'response' ? payload!.length : 0]),
  );
});

test.skipIf(!python)('cdxj-indexer finds each response and revisit, with its digest and place', () => {
  const lines = run('cdxj_indexer.main', gzipped).trim().split('\n');
  const expected = exchanges.map(({ url, revisit, response }) => ({
    url,
    digest: revisit?.refersTo.payloadDigest ?? sha1Digest(response.body),
    mime: revisit ? 'warc/revisit' : 'text/html',
  }));
  const found = lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as (typeof expected)[number]);
  const byUrl = (a: { url: string; mime: string }, b: { url: string; mime: string }): number =>
    `${a.url} ${a.mime}` < `${b.url} ${b.mime}` ? -1 : 1;
  expect(found.map(({ url, digest, mime }) => ({ url, digest, mime })).sort(byUrl)).toEqual(
    expected.sort(byUrl),
  );
});

test.skipIf(!python)('the index that it writes leads our importer to every page', async () => {
  await using list = await createImportFolder('web');
  const index = run('cdxj_indexer.main', gzipped);
  const items = await list.items(commonCrawlImporter, 'pages.cdxj', index, { base: folder });
  const pages = exchanges.filter(({ revisit }) => !revisit);
  expect(items.map(({ source }) => source.url).sort()).toEqual(pages.map(({ url }) => url).sort());
  expect(items.every(({ verdict }) => verdict === undefined)).toBe(true);
});

test.skipIf(!python)(
  'both judge a crawl alike: pages, errors, revisits, cut answers, files of hosts',
  async () => {
    const seed = 'http://site.example/';
    let isBroken = true;
    await using server = await startServer((request, response) => {
      const { url = '', headers } = request;
      if (url === '/robots.txt') return void response.end('User-agent: *\nAllow: /');
      if (url === '/tagged' && headers['if-none-match']) return void response.writeHead(304).end();
      const links =
        '<a href=/tagged>t</a><a href=/plain>p</a><a href=/dead>d</a><a href=/cut>c</a><a href=/latin>l</a>';
      const table: Record<string, string> = {
        '/': links,
        '/tagged': 'tagged',
        '/plain': 'plain',
        '/latin': 'l',
      };
      if (url === '/cut' && isBroken)
        return void response
          .writeHead(200, { 'content-type': 'text/html', 'content-length': '99' })
          .write('half', () => response.destroy());
      if (!Object.hasOwn(table, url)) return void response.writeHead(404).end('nothing here');
      response.setHeader('content-type', 'text/html');
      if (url === '/latin') response.setHeader('x-name', 'caf\xe9');
      if (url === '/tagged') response.setHeader('etag', '"1"');
      response.end(table[url]);
    });
    const route = readRoute(
      { hostMap: [`site.example=127.0.0.1:${server.port}`], allow: ['loopback'], retries: 0 },
      [seed],
    );
    const crawled = join(folder, 'crawled');
    const plan = readPlan({ seeds: [seed] });
    await crawl({ plan, route, folder: crawled });
    isBroken = false;
    await crawl({ plan, route, folder: crawled, refresh: true });
    const file = join(crawled, 'crawl-00000.warc.gz');
    const report = run('warcio.cli', 'check', '-v', file);
    expect(report).toMatch(/digest pass/);
    expect(report).not.toMatch(/fail|mismatch|invalid/i);
    const lines = run('cdxj_indexer.main', file).trim().split('\n');
    const found = lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Record<string, string>);
    const told = found.map(({ url, status, mime }) => [
      url.slice(seed.length),
      mime === 'warc/revisit' ? mime : status,
    ]);
    for (const expected of [
      ['', '200'],
      ['', 'warc/revisit'],
      ['tagged', 'warc/revisit'],
      ['plain', 'warc/revisit'],
      ['dead', '404'],
      ['cut', '200'],
      ['cut', '404'],
      ['robots.txt', '200'],
      ['robots.txt', 'warc/revisit'],
    ])
      expect(told).toContainEqual(expected);
  },
);
