// Encoding with a published tokenizer (gpt2 unless --tokenizer). The first pass is the cold one, table of merges made before.
// Peer: gpt-tokenizer, where it has the encoding.
import { createRequire } from 'node:module';
import { loadTokenizer } from '@gristmill/tokenizer';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { readTexts } from './texts.ts';

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts, megabytes } = readTexts(options.input);
  const name = options.extra.tokenizer ?? 'gpt2';
  const tokenizer = loadTokenizer(name);
  let tokens = 0;
  const pass = (): void => {
    tokens = 0;
    for (const text of texts) tokens += tokenizer.encode(text).length;
  };
  const cold = await time(pass, 1);
  const warm = await time(pass, 1);
  const memory = peakMemoryMb();
  const rate = megabytes / cold.seconds;
  return {
    name: 'tokenize',
    input,
    tokenizer: name,
    documents: texts.length,
    megabytes,
    tokens,
    mbPerSecond: rate,
    mbPerCpuSecond: megabytes / cold.cpuSeconds,
    warmMbPerCpuSecond: megabytes / warm.cpuSeconds,
    documentsPerSecond: texts.length / cold.seconds,
    tokensPerCpuSecond: tokens / cold.cpuSeconds,
    cpuSeconds: cold.cpuSeconds,
    peakMemoryMb: memory,
    threads: 1,
    peers: options.peers ? await peers(name, texts, megabytes, rate) : [],
  };
}

async function peers(
  name: string,
  texts: readonly string[],
  megabytes: number,
  rate: number,
): Promise<PeerReport[]> {
  const encoding = name === 'gpt2' ? 'r50k_base' : name;
  const { encode } = (await import(`gpt-tokenizer/encoding/${encoding}`)) as {
    encode(text: string, options: object): number[];
  };
  const allowed = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
  const { seconds } = await time(() => {
    for (const text of texts) encode(text, allowed);
  }, 1);
  const { version } = createRequire(import.meta.url)('gpt-tokenizer/package.json') as { version: string };
  return [
    { name: 'gpt-tokenizer', version, mbPerSecond: megabytes / seconds, ratio: (rate * seconds) / megabytes },
  ];
}
