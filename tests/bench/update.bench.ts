// What an update costs beside a build from nothing, and whether it gives the same bytes. The corpus is made
// (made-corpus.ts). Each update is measured by itself: CPU of all threads, rows computed by each row-wise step, bytes of
// the tables written. With `--checks each` (the default) every update is compared with a
// build from nothing, file by file; with `some` only after the three changes of the source, and after the last update.
//   npm run bench -- update [--documents 200000] [--sentences 8] [--threads 2] [--checks each|some|none] [--input FILE]
//     [--partitions 32] [--without EXPORT,EXPORT] [--only full]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@gristmill/core';
import { collectGarbage, makeFunnel, readManifest, runRecipe, type RunOutcome } from '@gristmill/corpus';
import { openTable } from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import { peakMemoryMb, type BenchOptions, type BenchReport } from './bench.ts';
import { makeCorpus, writeRecipe, type MadeCorpus } from './made-corpus.ts';

interface Measured {
  readonly what: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** CPU time beside that of the full build. */
  readonly ofFullBuild?: number;
  /** Step → rows computed (pairs measured count in dedup), and its CPU seconds. */
  readonly computedRows: Readonly<Record<string, number>>;
  readonly stepCpuSeconds: Readonly<Record<string, number>>;
  /** Of the corpus in its folder that were opened for reading, manifests and markers aside. */
  readonly dataFilesRead: number;
  readonly writtenMegabytes: number;
  /** What the update writes, computed and copied, for a second of CPU time. */
  readonly writtenMbPerCpuSecond: number;
  readonly equalsBuildFromNothing?: boolean;
}

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const documents = Number(options.extra.documents ?? 200_000);
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-bench-'));
  try {
    const sentences = Number(options.extra.sentences ?? 8);
    const made = await makeCorpus({ folder, documents, sentences, input: options.input });
    const bench = createBench(folder, options);
    const full = await bench.measure('full build');
    const report = options.extra.only === 'full' ? [] : await measureUpdates(bench, made);
    const disk = await bench.diskAfterGc();
    return {
      name: 'update',
      input: options.input ?? "made of the repository's documents",
      documents,
      megabytes: made.megabytes,
      mbPerSecond: made.megabytes / full.seconds,
      documentsPerSecond: documents / full.seconds,
      cpuSeconds: full.cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads: options.threads,
      peers: [],
      injectedTwins: Math.floor(documents / 20),
      ...bench.duplicates(made),
      steps: [full, ...report],
      diskBytes: disk,
      diskPerInputByte: disk / (made.megabytes * 1e6),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureUpdates(bench: ReturnType<typeof createBench>, made: MadeCorpus): Promise<Measured[]> {
  const steps = [await bench.measure('nothing changed')];
  await made.change();
  steps.push(await bench.measure('1 % changed', { check: 'each' }));
  await made.add();
  steps.push(await bench.measure('1 % added', { check: 'each' }));
  await made.remove();
  steps.push(await bench.measure('1 % deleted', { check: 'some' }));
  const set = { 'select.duplicates.threshold': 0.85 };
  steps.push(await bench.measure('one threshold', { set, check: 'each' }));
  steps.push(await bench.measure('one stage’s version', { set, cleanVersion: 2, check: 'some' }));
  return steps;
}

interface Measuring {
  readonly set?: Readonly<Record<string, Json>>;
  readonly cleanVersion?: number;
  /** With which `--checks` it is compared with a build from nothing; those of `some` also with `each`. */
  readonly check?: 'each' | 'some';
}

function createBench(folder: string, { threads, extra }: BenchOptions) {
  const lock = join(folder, 'bench.lock');
  const reads = new Set<string>();
  let full: { measured: Measured; outcome: RunOutcome } | undefined;
  const storeOf = (corpus: string) => countReads(openDiskStore({ root: join(folder, corpus) }), reads);
  const run = async (corpus: string, { set, cleanVersion = 1 }: Measuring): Promise<RunOutcome> => {
    const partitions = Number(extra.partitions ?? 32);
    const without = (extra.without ?? '').split(',');
    const recipe = await writeRecipe({ folder, partitions, without, cleanVersion });
    return runRecipe({ recipe, store: storeOf(corpus), lock, workers: threads === 1 ? 0 : threads, set });
  };
  const files = async (corpus: string) => JSON.stringify((await readManifest(storeOf(corpus)))!.files);
  const bytesOf = async () => (await storeOf('corpus').list('')).reduce((total, { size }) => total + size, 0);
  return {
    async measure(what: string, measuring: Measuring = {}): Promise<Measured> {
      const before = await bytesOf();
      reads.clear();
      const [cpu, start] = [process.cpuUsage(), performance.now()];
      const outcome = await run('corpus', measuring);
      const used = process.cpuUsage(cpu);
      const cpuSeconds = (used.user + used.system) / 1e6;
      const funnel = makeFunnel(outcome);
      const seconds = (performance.now() - start) / 1000;
      const writtenMegabytes = ((await bytesOf()) - before) / 1e6;
      const measured: Measured = {
        what,
        seconds,
        cpuSeconds,
        ofFullBuild: full && cpuSeconds / full.measured.cpuSeconds,
        computedRows: Object.fromEntries(funnel.map((row) => [row.step, row.computedRows])),
        stepCpuSeconds: Object.fromEntries(
          Object.entries(outcome.effort).map(([step, effort]) => [step, effort.cpuSeconds]),
        ),
        dataFilesRead: reads.size,
        writtenMegabytes,
        writtenMbPerCpuSecond: writtenMegabytes / cpuSeconds,
        equalsBuildFromNothing: await this.check(measuring),
      };
      full ??= { measured, outcome };
      process.stderr.write(`${JSON.stringify(measured)}\n`);
      if (full.outcome === outcome) await rememberRemovals(outcome, storeOf('corpus'));
      return measured;
    },
    /** Builds the same from nothing and compares every file that the manifests name. */
    async check(measuring: Measuring): Promise<boolean | undefined> {
      const { checks = 'each' } = extra;
      const isWanted = measuring.check === 'some' ? checks !== 'none' : checks === 'each';
      if (measuring.check === undefined || !isWanted) return undefined;
      await run('fresh', measuring);
      const equal = (await files('fresh')) === (await files('corpus'));
      await rm(join(folder, 'fresh'), { recursive: true });
      return equal;
    },
    async diskAfterGc(): Promise<number> {
      await collectGarbage(storeOf('corpus'), { keep: 1 });
      return bytesOf();
    },
    duplicates: (made: MadeCorpus) => countDuplicates(made),
  };
}

const removals = new Map<string, string>();

/** Duplicates that select removed in the full build: document → witness. */
async function rememberRemovals({ markers, recipe }: RunOutcome, store: Store): Promise<void> {
  const parts = markers.flatMap((marker) => marker.parts.filter(({ table }) => table === 'select/removed'));
  for (const part of openTable(store, parts, recipe.recipe.partitions).parts)
    for await (const row of part.readRows(['witness'])) removals.set(row.id, row.witness as string);
}

function countDuplicates(made: MadeCorpus) {
  let found = 0;
  for (const { id, of } of made.twins()) if (removals.get(id) === of || removals.get(of) === id) found++;
  const natural = (removals.size - found) / made.documents;
  return { removedTwins: found, removedOthers: removals.size - found, shareOfNaturalDuplicates: natural };
}

/** Data files are what is neither a log, a manifest nor a marker. */
function countReads(store: Store, reads: Set<string>): Store {
  const isData = (path: string) =>
    !/^log\/|^manifests?[/.]|^corpus\.json$|\.commit$|^raw\/tombstones|^lease\//.test(path);
  return {
    ...store,
    read(path, offset, length) {
      if (isData(path)) reads.add(path);
      return store.read(path, offset, length);
    },
  };
}
