// Pages that are made to take long: 32 MB of open elements, and the same packed to some kilobytes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
import { startServer, type LocalServer } from '../http/local-server.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-hostile-'))));
afterEach(() => rm(folder, { recursive: true }));

const seed = 'http://site.example/';
const megabytes = 31;
const deep = Buffer.concat([
  Buffer.from('<a href=/next>n</a>'),
  Buffer.alloc(megabytes << 20, '<b><a href=x?a=1&b=2><i title="&amp;&lt;">'),
]);

function run(server: LocalServer, signal?: AbortSignal) {
  const route = readRoute({ hostMap: [`site.example=127.0.0.1:${server.port}`], allow: ['loopback'] }, [
    seed,
  ]);
  return crawl({ plan: readPlan({ seeds: [seed], maxPages: 3 }), route, folder, signal });
}

test('a page of 31 MB holds the crawl for less than two seconds, plain and packed', async () => {
  const packed = gzipSync(deep);
  await using server = await startServer((request, response) => {
    if (request.url === '/robots.txt') return void response.writeHead(404).end();
    if (request.url === '/next')
      return void response
        .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
        .end(packed);
    response.writeHead(200, { 'content-type': 'text/html' }).end(deep);
  });
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const { pages } = await run(server);
  delay.disable();
  expect(pages).toBeGreaterThanOrEqual(2);
  expect(delay.max / 1e9).toBeLessThan(2);
});

test('a crawl inside such a page is stopped within a second', async () => {
  const stop = new AbortController();
  await using server = await startServer((request, response) => {
    if (request.url !== '/') return void response.writeHead(404).end();
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(deep, () => setTimeout(() => stop.abort(), 700));
  });
  let stoppedAt = 0;
  stop.signal.addEventListener('abort', () => (stoppedAt = performance.now()));
  const report = await run(server, stop.signal);
  expect(performance.now() - stoppedAt).toBeLessThan(1000);
  expect(report).toMatchObject({ complete: false, pages: 0 });
});
