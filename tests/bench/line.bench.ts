// The whole line, JSON lines to shards in FineWeb's order: read, extract, clean, language, heuristics, personal data, MinHash
// with every pair verified, FineWeb's rules, split, a tokenizer of 32,000 tokens trained, shards. `--peers --peer-python VENV`
// runs datatrove's own classes on the same text (filters, MinHash, personal data, tokens by the tokenizer made here; no
// language, no training, no verification). CPU seconds of all processes are compared; mbPerSecond is wall clock.
// Input: JSON lines {text}; without one, sentences of the books of ../shared/data recombined to `--megabytes` (40), a fifth of
// the texts near duplicates of others.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom, DataError } from '@gristmill/core';
import { makeFunnel, runRecipe, type Recipe, type RunOutcome } from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';
import { findPython } from '../python/python.ts';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { recombine } from './recombined-texts.ts';
import { readTexts } from './texts.ts';

const vocabSize = 32_000;
const madeMegabytes = 40;

const recipe: Recipe = {
  name: 'line',
  partitions: 16,
  sources: [
    {
      name: 'texts',
      kind: 'web',
      import: {
        module: '@gristmill/import',
        export: 'jsonDocumentsImporter',
        options: { textField: 'text', idField: 'id' },
      },
      where: { root: 'in' },
    },
  ],
  steps: [
    { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
    { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'languageStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'heuristicsStage' },
    { stage: 'annotate', module: '@gristmill/annotate', export: 'personalDataStage' },
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage', options: { scheme: 'fineweb' } },
    {
      stage: 'select',
      module: '@gristmill/select',
      export: 'selectStage',
      options: { policies: { web: ['fineweb'] }, duplicates: { threshold: 0.75 } },
    },
    { stage: 'tokenizer', module: '@gristmill/pack', export: 'tokenizerStage', options: { vocabSize } },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ],
};

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts } = readInput(options.input, Number(options.extra.megabytes ?? madeMegabytes));
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-line-'));
  try {
    await writeTexts(folder, texts);
    const store = openDiskStore({ root: join(folder, 'corpus') });
    let outcome: RunOutcome | undefined;
    const file = join(folder, 'recipe.ts');
    const { seconds, cpuSeconds } = await time(async () => {
      const workers = options.threads === 1 ? 0 : options.threads;
      outcome = await runRecipe({ recipe: file, lock: join(folder, 'line.lock'), store, workers });
    }, 1);
    const funnel = makeFunnel(outcome!);
    await store.close();
    return {
      name: 'line',
      input,
      documents: texts.length,
      megabytes,
      mbPerSecond: megabytes / seconds,
      mbPerCpuSecond: megabytes / cpuSeconds,
      documentsPerSecond: texts.length / seconds,
      cpuSeconds,
      kept: funnel.find(({ step }) => step === 'pack')!.documentsOut,
      stepSeconds: Object.fromEntries(funnel.map(({ step, seconds: own }) => [step, own])),
      peakMemoryMb: peakMemoryMb(),
      threads: options.threads,
      peers: options.peers
        ? [runDatatrove(folder, options.extra['peer-python'], { megabytes, cpuSeconds })]
        : [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readInput(path: string | undefined, wanted: number): { input: string; texts: string[] } {
  const { input, texts } = readTexts(path);
  if (path !== undefined) return { input, texts: [...texts] };
  const random = createRandom(3);
  const made: string[] = [];
  for (const text of recombine(texts, 0.8 * wanted)) {
    made.push(text);
    if (random() < 0.25) made.push(changeWords(made[Math.floor(random() * made.length)], random));
  }
  return { input: `${input}, recombined to ${wanted} MB`, texts: made };
}

/** A near duplicate: two words in a hundred are others. */
function changeWords(text: string, random: () => number): string {
  const words = text.split(' ');
  return words.map((word) => (random() < 0.02 ? words[Math.floor(random() * words.length)] : word)).join(' ');
}

async function writeTexts(folder: string, texts: readonly string[]): Promise<void> {
  await mkdir(join(folder, 'in'));
  const lines = texts.map((text, i) => JSON.stringify({ id: String(i), text }));
  await writeFile(join(folder, 'in/texts.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'recipe.ts'), `export default ${JSON.stringify(recipe)};\n`);
}

interface DatatroveReport {
  readonly version: string;
  readonly documents: number;
  readonly cpuSeconds: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** `ratio`: text a CPU second, ours divided by datatrove's. */
function runDatatrove(
  folder: string,
  place: string | undefined,
  own: { readonly megabytes: number; readonly cpuSeconds: number },
): PeerReport & Omit<DatatroveReport, 'version'> {
  const program = fileURLToPath(new URL('./line-peers.py', import.meta.url));
  const tokenizer = findTokenizer(join(folder, 'corpus'));
  const start = performance.now();
  const args = [program, join(folder, 'in'), tokenizer, join(folder, 'datatrove')];
  const output = runPython(interpreter(place), args);
  const seconds = (performance.now() - start) / 1000;
  const { version, ...report } = JSON.parse(output.trim().split('\n').at(-1)!) as DatatroveReport;
  const mbPerSecond = own.megabytes / seconds;
  return { name: 'datatrove', version, mbPerSecond, ratio: report.cpuSeconds / own.cpuSeconds, ...report };
}

/** Standard output. @throws DataError `peer-failed`; what Python says is on standard error */
function runPython(python: string, args: readonly string[]): string {
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' };
  try {
    return execFileSync(python, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env });
  } catch (cause) {
    throw new DataError('peer-failed', `${python} failed at datatrove's steps`, `install ${peerPackages}`, {
      cause,
    });
  }
}

const peerPackages = '"datatrove[processing,io]", spacy and tokenizers';

/** A virtual environment's folder, or an interpreter. @throws DataError where none has datatrove */
function interpreter(place: string | undefined): string {
  const inside = place === undefined ? undefined : join(place, 'bin/python');
  const python = inside !== undefined && existsSync(inside) ? inside : (place ?? findPython(['datatrove']));
  if (python !== undefined) return python;
  throw new DataError(
    'no-peer',
    'there is no Python with datatrove',
    `make a virtual environment with ${peerPackages}, and name it by --peer-python VENV`,
  );
}

function findTokenizer(corpus: string): string {
  const folder = join(corpus, 'tokens');
  const [key] = readdirSync(folder);
  return join(folder, key, 'tokenizer.json');
}
