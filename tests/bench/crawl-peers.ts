// Gristmill and Crawlee's CheerioCrawler over the same hosts on loopback, each alone in a process on one core (taskset, where
// there is one), the server elsewhere: 20 ms until an answer begins, so both have to keep many requests under way.
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { BenchOptions, BenchReport } from './bench.ts';
import type { CrawlServerData } from './crawl-server.ts';

interface Taken {
  readonly pages: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryMb: number;
}

const latencyMs = 20;

export async function raceCrawlers({ threads, extra }: BenchOptions): Promise<BenchReport> {
  const [hosts, pages] = [Number(extra.hosts ?? 50), Number(extra.pages ?? 20_000)];
  const addresses = Array.from({ length: hosts }, (_, i) => `127.0.0.${i + 1}`);
  const workerData: CrawlServerData = { pages: Math.floor(pages / hosts), latencyMs, addresses };
  const server = new Worker(new URL('./crawl-server.ts', import.meta.url), { workerData });
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    const seeds = addresses.map((address) => `http://${address}:${port}/`);
    const ours = await run('gristmill', seeds);
    const theirs = await run('crawlee', seeds);
    const megabytes = (ours.pages * 16_000) / 1e6;
    return {
      name: 'crawl',
      input: `${pages} seeded pages of 16 kB of ${hosts} hosts on loopback, ${latencyMs} ms latency, one core`,
      documents: ours.pages,
      megabytes,
      mbPerSecond: megabytes / ours.seconds,
      documentsPerSecond: ours.pages / ours.seconds,
      documentsPerCpuSecond: ours.pages / ours.cpuSeconds,
      cpuSeconds: ours.cpuSeconds,
      peakMemoryMb: ours.peakMemoryMb,
      threads,
      load: loadavg()[0],
      peers: [
        {
          name: '@crawlee/cheerio',
          version: versionOf('@crawlee/cheerio'),
          documents: theirs.pages,
          mbPerSecond: (theirs.pages * 16_000) / 1e6 / theirs.seconds,
          documentsPerSecond: theirs.pages / theirs.seconds,
          documentsPerCpuSecond: theirs.pages / theirs.cpuSeconds,
          peakMemoryMb: theirs.peakMemoryMb,
          ratio: rateOf(ours) / rateOf(theirs),
          ratioPerCpuSecond: ours.pages / ours.cpuSeconds / (theirs.pages / theirs.cpuSeconds),
        },
      ],
    };
  } finally {
    await server.terminate();
  }
}

const rateOf = ({ pages, seconds }: Taken): number => pages / seconds;

async function run(name: string, seeds: readonly string[]): Promise<Taken> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-bench-'));
  const job = [process.execPath, fileURLToPath(new URL('./crawl-job.ts', import.meta.url)), name];
  const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];
  const [program, ...args] = [...pinned, ...job, folder, ...seeds];
  try {
    const { stdout } = await promisify(execFile)(program!, args, { maxBuffer: 1 << 26 });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Taken;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function versionOf(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
