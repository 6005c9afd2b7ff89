// What one large source among small ones costs: both are JSON lines of texts of about 3 kB, the large one a single file.
// Says what a build from nothing would take on two idle cores (thread-times.ts) beside the ideal, half of its CPU time;
// with `--even`, the same texts in small files, to see what the skew adds.
//   npm run bench -- skew [--megabytes 300] [--small 30] [--even] [--without EXPORT,EXPORT]
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { runRecipe } from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';
import { peakMemoryMb, type BenchOptions, type BenchReport } from './bench.ts';
import { makeWords, writeRecipe } from './made-corpus.ts';
import { leastWall, watchThreads } from './thread-times.ts';

const cores = 2;
const smallBytes = 1e6;

export async function bench({ extra }: BenchOptions): Promise<BenchReport> {
  const [large, small] = [Number(extra.megabytes ?? 300), Number(extra.small ?? 30)];
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-bench-'));
  try {
    const sizes = Array.from({ length: extra.even === undefined ? small : small + large }, () => smallBytes);
    if (extra.even === undefined) sizes.push(large * 1e6);
    const { documents, bytes } = await writeFiles(join(folder, 'input'), sizes);
    const without = (extra.without ?? '').split(',');
    const recipe = await writeRecipe({ folder, partitions: 32, without });
    const store = openDiskStore({ root: join(folder, 'corpus') });
    const threads = watchThreads();
    const start = performance.now();
    await runRecipe({ recipe, store, workers: cores, progress: threads.progress });
    const seconds = (performance.now() - start) / 1000;
    const phases = threads.stop();
    const cpuSeconds = phases.reduce((sum, { total }) => sum + total, 0);
    const wall = leastWall(phases, cores);
    return {
      name: 'skew',
      input: extra.even === undefined ? `one file of ${large} MB, ${small} of 1 MB` : `files of 1 MB`,
      documents,
      megabytes: bytes / 1e6,
      mbPerSecond: bytes / 1e6 / seconds,
      documentsPerSecond: documents / seconds,
      cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads: cores,
      peers: [],
      secondsMeasured: seconds,
      secondsOnIdleCores: wall,
      idealSeconds: cpuSeconds / cores,
      ofIdeal: wall / (cpuSeconds / cores),
      phases,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns what was written; a file is at most a document longer than its size */
async function writeFiles(folder: string, sizes: readonly number[]) {
  await mkdir(folder, { recursive: true });
  const random = createRandom(2);
  const words = makeWords(random, 20_000);
  let [documents, bytes] = [0, 0];
  for (const [number, size] of sizes.entries()) {
    await using file = await open(join(folder, `${number}.jsonl`), 'w');
    for (const end = bytes + size; bytes < end;) {
      const length = 300 + Math.floor(random() * 400);
      const chosen = Array.from({ length }, () => words[Math.floor(random() * words.length)]);
      bytes += (await file.write(`${JSON.stringify({ id: String(documents++), text: chosen.join(' ') })}\n`))
        .bytesWritten;
    }
  }
  return { documents, bytes };
}
