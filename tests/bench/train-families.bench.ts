// Training WordPiece and Unigram: CPU seconds, peak memory, and bytes per token on every tenth text, which training does
// not see. Each training is a process of its own, as the peers are: Hugging Face's trainers and SentencePiece, on one
// core. `--vocab N` (32,000), `--type wordpiece,unigram`.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTokenizer, createWordCounter, trainTokenizer } from '@gristmill/tokenizer';
import { findPython } from '../python/python.ts';
import { peakMemoryMb, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { askFamilyPeers, type TrainingReport } from './train-families-peers.ts';
import { readTexts } from './texts.ts';

type Family = 'wordpiece' | 'unigram';

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { extra } = options;
  const vocabSize = Number(extra.vocab ?? 32_000);
  const { input, texts } = readTexts(options.input);
  const parts = [texts.filter((_, i) => i % 10 !== 9), texts.filter((_, i) => i % 10 === 9)] as const;
  const common = { name: 'train-families', input, documents: parts[0].length, threads: 1 };
  if (extra.child !== undefined)
    return { ...common, ...trainHere(parts, extra.child as Family, vocabSize), peers: [] };
  const types = (extra.type ?? 'wordpiece,unigram').split(',') as Family[];
  const trainings = types.map((type) => trainInChild(options.input, type, vocabSize));
  const python = options.peers ? findPython(['tokenizers', 'sentencepiece']) : undefined;
  const peers = python === undefined ? [] : askFamilyPeers(python, parts, { types, vocabSize });
  return {
    ...{ ...common, ...trainings[0]!, trainings },
    peers: peers.map((peer): PeerReport => {
      const ours = trainings.find(({ type }) => type === peer.type)!;
      const mbPerSecond = ours.megabytes / peer.cpuSeconds;
      return { ...peer, mbPerSecond, ratio: peer.cpuSeconds / ours.cpuSeconds };
    }),
  };
}

function trainInChild(input: string | undefined, type: Family, vocabSize: number): OwnReport {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const source = input === undefined ? [] : ['--input', input];
  const args = [main, 'train-families', ...source, '--child', type, '--vocab', String(vocabSize)];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 24 });
  return JSON.parse(output.trim().split('\n').at(-1)!) as OwnReport;
}

interface OwnReport extends TrainingReport {
  readonly megabytes: number;
  readonly mbPerSecond: number;
  readonly documentsPerSecond: number;
}

type Parts = readonly [seen: readonly string[], heldOut: readonly string[]];

function trainHere([seen, heldOut]: Parts, type: Family, vocabSize: number): OwnReport {
  const megabytes = seen.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const cpu = process.cpuUsage();
  const counter = createWordCounter({ type });
  for (const text of seen) counter.addText(text);
  const countSeconds = secondsSince(cpu);
  const json = trainTokenizer(counter.words(), { type, vocabSize });
  const cpuSeconds = secondsSince(cpu);
  const memory = peakMemoryMb();
  const tokenizer = createTokenizer(json);
  let [bytes, tokens] = [0, 0];
  for (const text of heldOut) {
    bytes += Buffer.byteLength(text);
    tokens += tokenizer.encode(text).length;
  }
  return {
    ...{ type, cpuSeconds, countSeconds, peakMemoryMb: memory, vocabSize: tokenizer.vocabSize },
    ...{ megabytes, bytesPerToken: bytes / tokens },
    ...{ mbPerSecond: megabytes / cpuSeconds, documentsPerSecond: seen.length / cpuSeconds },
  };
}

function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
