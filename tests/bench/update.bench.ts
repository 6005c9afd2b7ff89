// What an update costs beside a build from nothing, and whether it gives the same bytes. The corpus is made here:
// sentences of the repository's own documents recombined by a seed, one document in twenty a near duplicate of another.
//   npm run bench -- update [--documents 200000] [--threads 2] [--input FILE]
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Json } from '@gristmill/core';
import {
  collectGarbage,
  makeFunnel,
  readManifest,
  runRecipe,
  type Recipe,
  type RunOutcome,
} from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';
import { peakMemoryMb, type BenchOptions, type BenchReport } from './bench.ts';

const perFile = 500;

interface Measured {
  readonly what: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** CPU time beside that of the full build. */
  readonly ofFullBuild?: number;
  /** Row-wise step → rows computed. */
  readonly computedRows: Readonly<Record<string, number>>;
  readonly equalsBuildFromNothing?: boolean;
}

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const documents = Number(options.extra.documents ?? 200_000);
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-bench-'));
  try {
    const maker = createMaker(await readSentences(options.input));
    const megabytes = (await writeSources(folder, maker, documents)) / 1e6;
    const bench = createBench(folder, options.threads);
    const full = await bench.measure('full build', {});
    const steps = [full, await bench.measure('nothing changed', { full })];
    await changeOnePercent(folder, maker, documents);
    steps.push(await bench.measure('1 % changed, 1 % added, 1 % deleted', { full, check: true }));
    steps.push(
      await bench.measure('one threshold', {
        full,
        set: { 'select.duplicates.threshold': 0.85 },
        check: true,
      }),
    );
    const disk = await bench.diskAfterGc();
    return {
      name: 'update',
      input: options.input ?? "made of the repository's documents",
      documents,
      megabytes,
      mbPerSecond: megabytes / full.seconds,
      documentsPerSecond: documents / full.seconds,
      cpuSeconds: full.cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads: options.threads,
      peers: [],
      steps,
      diskBytes: disk,
      diskPerInputByte: disk / (megabytes * 1e6),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Maker = (number: number, revision?: number) => string;

async function readSentences(input: string | undefined): Promise<string[]> {
  const docs = new URL('../../docs/', import.meta.url);
  const names =
    input === undefined ? (await readdir(docs)).filter((name) => name.endsWith('.md')).sort() : [];
  const files = input === undefined ? names.map((name) => new URL(name, docs)) : [input];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts
    .join('\n')
    .split(/(?<=[.;:])\s+/)
    .map((text) => text.trim())
    .filter((text) => text.length > 20 && text.length < 500);
}

/** Document number n; every twentieth repeats its predecessor but for one sentence. */
function createMaker(sentences: readonly string[]): Maker {
  return (number, revision = 0) => {
    const isTwin = number % 20 === 19 && revision === 0;
    const random = createRandom((isTwin ? number - 1 : number) + revision * 0x10000000);
    const length = 8 + Math.floor(random() * 24);
    const chosen = Array.from(
      { length },
      () => `${sentences[Math.floor(random() * sentences.length)]} ${Math.floor(random() * 1e6)}`,
    );
    if (isTwin) chosen[length >> 1] = `This sentence is the twin's own, number ${number}.`;
    return chosen.join(' ');
  };
}

async function writeSources(folder: string, make: Maker, documents: number): Promise<number> {
  await mkdir(join(folder, 'input'), { recursive: true });
  let bytes = 0;
  for (let start = 0; start < documents; start += perFile) {
    const lines = Array.from({ length: Math.min(perFile, documents - start) }, (_, i) =>
      line(make, start + i),
    );
    bytes += lines.reduce((sum, text) => sum + text.length, 0);
    await writeFile(join(folder, 'input', `${start}.jsonl`), lines.join('\n'));
  }
  return bytes;
}

const line = (make: Maker, number: number, revision?: number) =>
  JSON.stringify({ id: String(number), text: make(number, revision) });

/** Of every hundred lines one is changed, one deleted; as many are added in a file of their own. */
async function changeOnePercent(folder: string, make: Maker, documents: number): Promise<void> {
  for (let start = 0; start < documents; start += perFile) {
    const file = join(folder, 'input', `${start}.jsonl`);
    const lines = (await readFile(file, 'utf8')).split('\n');
    const next = lines.flatMap((text, i) =>
      i % 100 === 7 ? [line(make, start + i, 1)] : i % 100 === 57 ? [] : [text],
    );
    await writeFile(file, next.join('\n'));
  }
  const added = Array.from({ length: Math.floor(documents / 100) }, (_, i) => line(make, documents + i));
  await writeFile(join(folder, 'input', 'added.jsonl'), added.join('\n'));
}

function createBench(folder: string, threads: number) {
  const lock = join(folder, 'bench.lock');
  const run = async (corpus: string, set?: Readonly<Record<string, Json>>): Promise<RunOutcome> => {
    const store = openDiskStore({ root: join(folder, corpus) });
    const recipe = join(folder, 'recipe.ts');
    await writeFile(recipe, await recipeText());
    return runRecipe({ recipe, store, lock, workers: threads === 1 ? 0 : threads, set });
  };
  const files = async (corpus: string) => {
    const manifest = await readManifest(openDiskStore({ root: join(folder, corpus) }));
    return JSON.stringify(manifest!.files);
  };
  return {
    async measure(
      what: string,
      { full, set, check }: { full?: Measured; set?: Readonly<Record<string, Json>>; check?: boolean },
    ): Promise<Measured> {
      const [cpu, start] = [process.cpuUsage(), performance.now()];
      const outcome = await run('corpus', set);
      const used = process.cpuUsage(cpu);
      const cpuSeconds = (used.user + used.system) / 1e6;
      const seconds = (performance.now() - start) / 1000;
      const rows = makeFunnel(outcome).map(({ step, computedRows }) => [step, computedRows] as const);
      let equal: boolean | undefined;
      if (check) {
        await run('fresh', set);
        equal = (await files('fresh')) === (await files('corpus'));
        await rm(join(folder, 'fresh'), { recursive: true });
      }
      return {
        what,
        seconds,
        cpuSeconds,
        ofFullBuild: full && cpuSeconds / full.cpuSeconds,
        computedRows: Object.fromEntries(rows),
        equalsBuildFromNothing: equal,
      };
    },
    async diskAfterGc(): Promise<number> {
      const store = openDiskStore({ root: join(folder, 'corpus') });
      await collectGarbage(store, { keep: 1 });
      return (await store.list('')).reduce((sum, { size }) => sum + size, 0);
    },
  };
}

async function recipeText(): Promise<string> {
  const demo = (await import(new URL('../../pipelines/demo.ts', import.meta.url).href)) as {
    default: Recipe;
  };
  const steps = demo.default.steps.map((step) =>
    step.stage === 'tokenizer' ? { ...step, options: { vocabSize: 1024 } } : step,
  );
  const importer = {
    module: '@gristmill/import',
    export: 'jsonDocumentsImporter',
    options: { textField: '/text', idField: '/id' },
  };
  const sources = [{ name: 'made', kind: 'article', import: importer, where: { root: 'input' } }];
  return `export default ${JSON.stringify({ name: 'bench', partitions: 32, sources, steps })};\n`;
}
