// Encoding, each text once in a tokenizer that has seen nothing; `warmMbPerSecond` is the second pass. `--tokenizer NAME`.
// Peer: gpt-tokenizer with the same vocabulary, in the same process, also on its first pass.
import { readFileSync } from 'node:fs';
import { loadTokenizer } from '@gristmill/tokenizer';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { readTexts, type BenchTexts } from './texts.ts';

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const name = options.extra.tokenizer ?? 'gpt2';
  const { input, texts, megabytes } = readTexts(options.input);
  const tokenizer = loadTokenizer(name);
  let tokens = 0;
  const encodeAll = (): void => {
    tokens = 0;
    for (const text of texts) tokens += tokenizer.encode(text).length;
  };
  const cold = await time(encodeAll, 1);
  const warm = await time(encodeAll, 1);
  const mbPerSecond = megabytes / cold.seconds;
  return {
    name: 'tokenize',
    input,
    tokenizer: name,
    documents: texts.length,
    megabytes,
    mbPerSecond,
    mbPerCpuSecond: megabytes / cold.cpuSeconds,
    warmMbPerSecond: megabytes / warm.seconds,
    documentsPerSecond: texts.length / cold.seconds,
    tokensPerCpuSecond: tokens / cold.cpuSeconds,
    cpuSeconds: cold.cpuSeconds,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers: options.peers ? await measurePeer(name, { texts, megabytes }, mbPerSecond) : [],
  };
}

async function measurePeer(
  name: string,
  { texts, megabytes }: Pick<BenchTexts, 'texts' | 'megabytes'>,
  ours: number,
): Promise<PeerReport[]> {
  const encoding = name === 'gpt2' ? 'r50k_base' : name;
  const peer = (await import(`gpt-tokenizer/encoding/${encoding}`)) as { encode(text: string): number[] };
  const { seconds } = await time(() => {
    for (const text of texts) peer.encode(text);
  }, 1);
  const manifest = new URL(import.meta.resolve('gpt-tokenizer/package.json'));
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return [
    { name: 'gpt-tokenizer', version, mbPerSecond: megabytes / seconds, ratio: (ours * seconds) / megabytes },
  ];
}
