// How memory grows with the number of documents: a corpus of short ones (about 80 bytes, every twentieth repeats its
// predecessor but for a word) is built from nothing by the demo's steps, and the peak of resident memory over the process
// and its threads is printed, of the whole and of each step. Compare two sizes, each in a process of its own.
//   npm run bench -- scale [--documents 200000] [--threads 2] [--partitions N] [--without EXPORT,EXPORT] [--keep FOLDER]
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { runRecipe } from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';
import { peakMemoryMb, type BenchOptions, type BenchReport } from './bench.ts';
import { makeWords, writeRecipe } from './made-corpus.ts';
import { watchMemory } from './watch-memory.ts';

const perFile = 10_000;
/** A partition is the unit of memory: more documents, more partitions, each with about so many or fewer. */
const perPartition = 6250;

export async function bench({ threads, extra }: BenchOptions): Promise<BenchReport> {
  const documents = Number(extra.documents ?? 200_000);
  const partitions = Number(
    extra.partitions ?? 2 ** Math.max(0, Math.ceil(Math.log2(documents / perPartition))),
  );
  const folder = extra.keep ?? (await mkdtemp(join(tmpdir(), 'gristmill-bench-')));
  try {
    const bytes = await writeDocuments(folder, documents);
    const without = (extra.without ?? 'languageStage,heuristicsStage,personalDataStage').split(',');
    const recipe = await writeRecipe({ folder, partitions, without });
    const store = openDiskStore({ root: join(folder, 'corpus') });
    const memory = watchMemory();
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const workers = threads === 1 ? 0 : threads;
    const { effort } = await runRecipe({ recipe, store, workers, progress: memory.progress });
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const entries = Object.entries(effort);
    return {
      name: 'scale',
      input: 'made of syllables',
      documents,
      megabytes: bytes / 1e6,
      mbPerSecond: bytes / 1e6 / seconds,
      documentsPerSecond: documents / seconds,
      cpuSeconds: (user + system) / 1e6,
      peakMemoryMb: peakMemoryMb(),
      threads,
      peers: [],
      partitions,
      stepCpuSeconds: Object.fromEntries(entries.map(([step, { cpuSeconds }]) => [step, cpuSeconds])),
      peakMemoryMbBySteps: memory.stop(),
    };
  } finally {
    if (extra.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** @returns UTF-8 bytes of the texts */
async function writeDocuments(folder: string, documents: number): Promise<number> {
  await mkdir(join(folder, 'input'), { recursive: true });
  const words = makeWords(createRandom(1), 20_000);
  let bytes = 0;
  for (let start = 0; start < documents; start += perFile) {
    await using file = await open(join(folder, 'input', `${start}.jsonl`), 'w');
    const lines: string[] = [];
    for (let number = start; number < Math.min(documents, start + perFile); number++) {
      const text = makeText(number, words);
      bytes += text.length;
      lines.push(JSON.stringify({ id: String(number), text }));
    }
    await file.write(`${lines.join('\n')}\n`);
  }
  return bytes;
}

const wordsInText = 12;

function makeText(number: number, words: readonly string[]): string {
  const isTwin = number % 20 === 19;
  const random = createRandom(isTwin ? number - 1 : number);
  const chosen = Array.from({ length: wordsInText }, () => words[Math.floor(random() * words.length)]);
  if (isTwin) chosen[wordsInText - 1] = 'twin';
  return chosen.join(' ');
}
