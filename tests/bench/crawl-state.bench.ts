// The crawl's state at ten million known URLs on 100,000 hosts: how it grows, how long it takes to open, what a process
// holds, and what the next URL costs. `--peers`: lmdb with the same keys, where it is installed in the folder that
// `--lmdb FOLDER` names. Bars: <= 300 MB, <= 5 s, <= 50 µs.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchOptions, BenchReport } from './bench.ts';

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
  readonly nextUs?: number;
  readonly nextCpuUs?: number;
}

const job = fileURLToPath(new URL('crawl-state-job.ts', import.meta.url));

export async function bench({ threads, peers, extra }: BenchOptions): Promise<BenchReport> {
  const urls = Number(extra.urls ?? 10_000_000);
  const hosts = Number(extra.hosts ?? 100_000);
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-crawl-state-'));
  // Each phase is a process of its own, so that its memory is its own.
  const run = (phase: string, engine: string): Measured =>
    JSON.parse(
      execFileSync(process.execPath, [job, phase, folder, String(urls), String(hosts), engine], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    ) as Measured;
  try {
    const fill = run('fill', 'sqlite');
    const open = run('open', 'sqlite');
    const { size } = await stat(join(folder, 'crawl.sqlite'));
    const other =
      peers && extra.lmdb ? { fill: run('fill', extra.lmdb), open: run('open', extra.lmdb) } : undefined;
    return {
      name: 'crawl-state',
      input: `${urls} known URLs of ${hosts} hosts, twenty of a host at a time`,
      documents: urls,
      megabytes: size / 1e6,
      mbPerSecond: size / 1e6 / fill.seconds,
      documentsPerSecond: urls / fill.seconds,
      cpuSeconds: fill.seconds,
      openSeconds: open.seconds,
      nextMicroseconds: open.nextUs,
      nextCpuMicroseconds: open.nextCpuUs,
      fillMemoryMb: fill.peakMb,
      peakMemoryMb: open.peakMb,
      threads,
      ...(other && { lmdb: other }),
      peers: [],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
