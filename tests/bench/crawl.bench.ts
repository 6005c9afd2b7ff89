// Crawling hosts of seeded pages over HTTP on loopback into WARC files, the server in a thread of its own. Without
// --hosts one host and no delay: what the crawler itself costs. With `--hosts H --delay-ms d` how near its requests come
// to H / d a second: `rate` from the first request to the last, `ofMost` as a part of H / d, `gaps` in milliseconds. With
// --peers it runs beside Crawlee instead (crawl-peers.ts).
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';
import { raceCrawlers } from './crawl-peers.ts';
import type { CrawlServerData } from './crawl-server.ts';

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { threads, extra, peers } = options;
  if (peers) return raceCrawlers(options);
  const [hosts, delayMs] = [Number(extra.hosts ?? 1), Number(extra['delay-ms'] ?? 0)];
  const maxPages = Number(extra.pages ?? 2000);
  const workerData: CrawlServerData = { pages: Math.ceil(maxPages / hosts) * (hosts > 1 ? 10 : 1) };
  const server = new Worker(new URL('./crawl-server.ts', import.meta.url), { workerData });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const names = Array.from({ length: hosts }, (_, i) => `bench${i}.example`);
  let bytes = 0;
  let documents = 0;
  try {
    const timing = await time(
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'gristmill-bench-'));
        const plan = readPlan({ seeds: names.map((name) => `http://${name}/`), maxPages });
        const hostMap = names.map((name) => `${name}=127.0.0.1:${port}`);
        const route = readRoute({ hostMap, allowPrivate: true, delayMs }, plan.seeds);
        ({ bytes, pages: documents } = await crawl({ plan, route, folder }));
        await rm(folder, { recursive: true });
      },
      delayMs > 0 ? 1 : 3,
    );
    server.postMessage('report');
    const [{ times }] = (await once(server, 'message')) as [{ times: Record<string, number[]> }];
    return {
      name: 'crawl',
      input: `${maxPages} seeded pages of 16 kB of ${hosts} hosts on loopback, delay ${delayMs} ms`,
      documents,
      megabytes: bytes / 1e6,
      mbPerSecond: bytes / 1e6 / timing.seconds,
      documentsPerSecond: documents / timing.seconds,
      documentsPerCpuSecond: documents / timing.cpuSeconds,
      cpuSeconds: timing.cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads,
      ...(delayMs > 0 && paceOf(Object.values(times), delayMs)),
      load: loadavg()[0],
      peers: [],
    };
  } finally {
    await server.terminate();
  }
}

function paceOf(times: readonly (readonly number[])[], delayMs: number) {
  const all = times.flat().sort((a, b) => a - b);
  const rateBetween = (from: number, to: number): number => {
    const some = all.slice(Math.floor(from * all.length), Math.floor(to * all.length));
    return (1000 * (some.length - 1)) / (some.at(-1)! - some[0]!);
  };
  const rate = rateBetween(0, 1);
  const gaps = times.flatMap((list) => list.slice(1).map((at, i) => at - list[i]!)).sort((a, b) => a - b);
  const at = (part: number): number => Math.round(gaps[Math.floor(part * (gaps.length - 1))]!);
  return {
    rate,
    rateAfterStart: rateBetween(0.2, 1),
    ofMost: (rate * delayMs) / 1000 / times.length,
    gaps: { least: at(0), p1: at(0.01), median: at(0.5), p99: at(0.99), most: at(1) },
  };
}
