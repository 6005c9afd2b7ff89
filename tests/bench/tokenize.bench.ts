// Encoding with a published tokenizer (gpt2 unless --tokenizer). The first pass is the cold one: every text once, caches
// as loading left them; the warm one follows. Peers take each text once too, in the same process: gpt-tokenizer, and
// tiktoken's WebAssembly and js-tiktoken where --peer-modules names a folder with their node_modules.
import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { loadTokenizer } from '@gristmill/tokenizer';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { recombine } from './recombined-texts.ts';
import { readTexts, type BenchTexts } from './texts.ts';

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts, megabytes } = givenTexts(options);
  const name = options.extra.tokenizer ?? 'gpt2';
  let tokenizer!: ReturnType<typeof loadTokenizer>;
  const load = await time(() => void (tokenizer = loadTokenizer(name)), 1);
  let tokens = 0;
  const pass = (): void => {
    tokens = 0;
    for (const text of texts) tokens += tokenizer.encode(text).length;
  };
  const cold = await time(pass, 1);
  const memory = peakMemoryMb();
  const warm = await time(pass, 1);
  const rate = megabytes / cold.cpuSeconds;
  return {
    name: 'tokenize',
    input,
    tokenizer: name,
    documents: texts.length,
    megabytes,
    tokens,
    loadCpuSeconds: load.cpuSeconds,
    mbPerSecond: megabytes / cold.seconds,
    mbPerCpuSecond: rate,
    warmMbPerCpuSecond: megabytes / warm.cpuSeconds,
    documentsPerSecond: texts.length / cold.seconds,
    tokensPerCpuSecond: tokens / cold.cpuSeconds,
    cpuSeconds: cold.cpuSeconds,
    peakMemoryMb: memory,
    threads: 1,
    peers: options.peers
      ? await peers(name, texts, { megabytes, rate, modules: options.extra['peer-modules'] })
      : [],
  };
}

/** With --megabytes M the texts and then their sentences recombined, up to M together. */
function givenTexts({ input, extra }: BenchOptions): BenchTexts {
  const given = readTexts(input);
  const missing = Number(extra.megabytes ?? 0) - given.megabytes;
  if (missing <= 0) return given;
  const texts = [...given.texts, ...recombine(given.texts, missing)];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return {
    input: `${given.input}, ${missing.toFixed(1)} MB of it recombined`,
    texts,
    megabytes: bytes / 1e6,
  };
}

interface PeerTask {
  readonly megabytes: number;
  /** Ours, in megabytes a CPU second. */
  readonly rate: number;
  /** A folder whose node_modules hold further peers. */
  readonly modules?: string;
}

/** Rates of the peers are per CPU second, as is the ratio. */
async function peers(name: string, texts: readonly string[], task: PeerTask): Promise<PeerReport[]> {
  const found: PeerReport[] = [];
  for (const [peer, open] of Object.entries(openers)) {
    const base = peer === 'gpt-tokenizer' ? import.meta.url : task.modules && join(task.modules, 'index.js');
    const manifest = base === undefined ? undefined : manifestOf(peer, base);
    if (base === undefined || manifest === undefined) continue;
    const require = createRequire(base);
    const encode = await open((module) => require(module) as unknown, name);
    const { cpuSeconds } = await time(() => {
      for (const text of texts) encode(text);
    }, 1);
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    const mbPerSecond = task.megabytes / cpuSeconds;
    found.push({ name: peer, version, mbPerSecond, ratio: task.rate / mbPerSecond });
  }
  return found;
}

type PeerEncode = (text: string) => unknown;

const openers: Record<
  string,
  (load: (module: string) => unknown, name: string) => PeerEncode | Promise<PeerEncode>
> = {
  'gpt-tokenizer': async (_, name) => {
    const { encode } = (await import(`gpt-tokenizer/encoding/${name === 'gpt2' ? 'r50k_base' : name}`)) as {
      encode(text: string, options: object): number[];
    };
    const allowed = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
    return (text) => encode(text, allowed);
  },
  tiktoken: (load, name) => {
    const { get_encoding: open } = load('tiktoken') as {
      get_encoding(name: string): { encode_ordinary(text: string): unknown };
    };
    const encoding = open(name);
    return (text) => encoding.encode_ordinary(text);
  },
  'js-tiktoken': (load, name) => {
    const { getEncoding } = load('js-tiktoken') as {
      getEncoding(name: string): { encode(text: string, allowed: string[], refused: string[]): unknown };
    };
    const encoding = getEncoding(name);
    return (text) => encoding.encode(text, [], []);
  },
};

/** The package.json of an installed package. */
function manifestOf(name: string, base: string): string | undefined {
  try {
    return findPackageJSON(name, base);
  } catch {
    return undefined;
  }
}
