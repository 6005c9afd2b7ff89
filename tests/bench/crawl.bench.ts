// Crawling a site of seeded pages over HTTP on loopback into WARC files, politeness off: what the crawler itself costs.
// The server runs in the same process, so its cost is in the figures.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';

export async function bench({ threads, extra }: BenchOptions): Promise<BenchReport> {
  const pages = Number(extra.pages ?? 2000);
  const body = filler();
  const server = createServer((request, response) => {
    const number = Number((request.url ?? '/').slice(1) || 1);
    const links = [2 * number, 2 * number + 1, number >> 1, number + 7]
      .filter((target) => target > 0 && target <= pages)
      .map((target) => `<a href="/${target}">${target}</a>`);
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<title>${number}</title>${links.join('')}${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let bytes = 0;
  let documents = 0;
  try {
    const timing = await time(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'gristmill-bench-'));
      const plan = readPlan({ seeds: ['http://bench.example/'] });
      const where = { hostMap: [`bench.example=127.0.0.1:${port}`], allowPrivate: true };
      ({ bytes, pages: documents } = await crawl({ plan, route: readRoute(where, plan.seeds), folder }));
      await rm(folder, { recursive: true });
    });
    return {
      name: 'crawl',
      input: `${pages} seeded pages of ${Math.round(body.length / 1000)} kB on loopback, server included`,
      documents,
      megabytes: bytes / 1e6,
      mbPerSecond: bytes / 1e6 / timing.seconds,
      documentsPerSecond: documents / timing.seconds,
      documentsPerCpuSecond: documents / timing.cpuSeconds,
      cpuSeconds: timing.cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads,
      peers: [],
    };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function filler(): string {
  const random = createRandom(9);
  return Array.from({ length: 4000 }, () => Math.floor(random() * 1e4).toString(36)).join(' ');
}
