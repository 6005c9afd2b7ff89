// Bytes of HTML to clean text and signals, as one pass on each thread: extract, clean, language, heuristics and personal
// data fused through the workers' pool. `--input` is a folder of pages; `--documents N` streams N of them (they repeat), and memory
// is read at a tenth of the way and at the end, so that growth shows.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPool } from '@gristmill/workers';
import { fixturePages } from '../extract/fixture-pages.ts';
import { peakMemoryMb, type BenchOptions, type BenchReport } from './bench.ts';

const defaultInput = '../shared/data/readability-pages';
const mostBytes = 20e6;
const batchSize = 50;
const job = { module: new URL('./chain-job.ts', import.meta.url).href, export: 'chain' };

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const input = options.input ?? (existsSync(defaultInput) ? defaultInput : 'fixture pages');
  const pages = readPages(input);
  const bytesOnce = pages.reduce((sum, page) => sum + page.length, 0);
  const documents = Number(options.extra?.['documents'] ?? Math.ceil((40e6 / bytesOnce) * pages.length));
  await using pool = disposable(options.threads);
  // Each thread compiles what it runs before anything is measured.
  await drain(pool.map(job, batches(pages, Math.min(documents, 400))));
  const cpu = process.cpuUsage();
  const start = performance.now();
  const memory: number[] = [];
  let [done, megabytes, signals] = [0, 0, 0];
  for await (const result of pool.map<Uint8Array[], ChainResult>(job, batches(pages, documents))) {
    if (done <= documents / 10 && done + result.documents > documents / 10) memory.push(rssMb());
    done += result.documents;
    megabytes += result.bytes / 1e6;
    signals += result.signals;
  }
  memory.push(rssMb());
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  return {
    name: 'chain',
    input,
    documents: done,
    megabytes,
    mbPerSecond: megabytes / seconds,
    mbPerCpuSecond: megabytes / cpuSeconds,
    documentsPerSecond: done / seconds,
    cpuSeconds,
    signals,
    memoryAtTenthMb: memory[0],
    memoryAtEndMb: memory[memory.length - 1],
    peakMemoryMb: peakMemoryMb(),
    threads: options.threads,
    peers: [],
  };
}

export interface ChainResult {
  readonly documents: number;
  readonly bytes: number;
  readonly signals: number;
}

function disposable(threads: number) {
  const pool = createPool(threads);
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.close() });
}

async function drain(results: AsyncIterable<unknown>): Promise<void> {
  const reading = results[Symbol.asyncIterator]();
  while ((await reading.next()).done !== true);
}

function* batches(pages: readonly Uint8Array[], documents: number): Generator<Uint8Array[]> {
  for (let at = 0; at < documents; at += batchSize) {
    // Buffers are moved to the thread, so each batch is a copy.
    yield Array.from({ length: Math.min(batchSize, documents - at) }, (_, i) =>
      pages[(at + i) % pages.length].slice(),
    );
  }
}

function rssMb(): number {
  return Math.round(process.memoryUsage.rss() / 1e6);
}

function readPages(input: string): Uint8Array[] {
  if (!existsSync(input)) {
    return fixturePages
      .filter(({ text }) => text.startsWith('<'))
      .map(({ text }) => new TextEncoder().encode(text));
  }
  const pages: Uint8Array[] = [];
  let bytes = 0;
  for (const name of readdirSync(input, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/(?:^|\/)(?!expected)[^/]*\.html?$/.test(name)) continue;
    const page = new Uint8Array(readFileSync(join(input, name)));
    bytes += page.length;
    if (bytes > mostBytes) break;
    pages.push(page);
  }
  return pages;
}
