// Loader speed: every token of every batch is copied into fresh Int32Array inputs and targets [16, 1024] and enters a
// checksum. `straight` reads the shards as they lie; `mixed` shuffles, mixes three sources and packs by best fit.
// CPU seconds are those of all threads, collection of garbage included. Shards are made once from seeded random documents and read from the page cache. `--megatokens N` sets their size.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, sha256 } from '@gristmill/core';
import { openLoader, writeTokenShards, type LoaderOptions, type NewDocument } from '@gristmill/shards';
import { peakMemoryMb, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { pythonLoaders } from './loader-peers.ts';

const sequenceLength = 1024;
const globalBatchSize = 16;

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const folder = options.input ?? (await mkdtemp(join(tmpdir(), 'gristmill-loader-')));
  try {
    if (options.input === undefined)
      await writeRandomShards(folder, Number(options.extra.megatokens ?? 100) * 1e6);
    const common = { shards: folder, sequenceLength, globalBatchSize };
    const straight = await measure({ ...common, shuffle: false });
    const shuffled = await measure(common);
    const mixed = await measure({ ...common, packing: 'best-fit', mixture });
    const peers: PeerReport[] = options.peers
      ? pythonLoaders(folder, straight.tokensPerCpuSecond, options.extra['peer-python'])
      : [];
    return {
      name: 'loader',
      input: options.input ?? 'seeded random documents',
      documents: straight.documents,
      megabytes: (straight.tokens * 2) / 1e6,
      mbPerSecond: (straight.tokensPerSecond * 2) / 1e6,
      documentsPerSecond: straight.documents / straight.seconds,
      tokensPerSecond: Math.round(straight.tokensPerSecond),
      tokensPerCpuSecond: Math.round(straight.tokensPerCpuSecond),
      shuffledTokensPerCpuSecond: Math.round(shuffled.tokensPerCpuSecond),
      mixedTokensPerCpuSecond: Math.round(mixed.tokensPerCpuSecond),
      resumeMs: mixed.resumeMs,
      checksums: [straight.checksum, shuffled.checksum, mixed.checksum],
      cpuSeconds: straight.cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads: 1,
      peers,
    };
  } finally {
    if (options.input === undefined) await rm(folder, { recursive: true, force: true });
  }
}

const mixture = {
  components: [
    { name: 'books', match: { source: 'books' }, weight: 2 },
    { name: 'web', match: { source: 'web' }, weight: 2 },
    { name: 'posts', match: { source: 'posts' }, weight: 1 },
  ],
};

/** One epoch's worth of rows after a short warm-up, CPU seconds of all threads. */
async function measure(options: LoaderOptions) {
  const opened = performance.now();
  const loader = await openLoader(options);
  const total = Math.ceil(loader.samples / globalBatchSize);
  await loader.batch(total >> 1);
  const resumeMs = Math.round(performance.now() - opened);
  for (let step = 0; step < 50; step++) await loader.batch(step);
  let [checksum, tokens] = [0, 0];
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let step = 0; step < total; step++) {
    const batch = await loader.batch(step);
    checksum = addChecksum(checksum, batch.inputs, batch.targets);
    tokens += batch.tokens;
  }
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const cpuSeconds = (used.user + used.system) / 1e6;
  const documents = loader.index.splits.train.documents;
  const rates = { tokensPerSecond: tokens / seconds, tokensPerCpuSecond: tokens / cpuSeconds };
  return { checksum, tokens, documents, seconds, cpuSeconds, resumeMs, ...rates };
}

/** Looks at one token in 64 of both arrays: enough to see a difference, too little to be what is measured. */
function addChecksum(sum: number, inputs: Int32Array, targets: Int32Array): number {
  for (let i = 0; i < inputs.length; i += 64) sum = (Math.imul(sum, 31) + inputs[i] + targets[i + 63]) | 0;
  return sum;
}

async function writeRandomShards(folder: string, tokens: number): Promise<void> {
  await writeTokenShards(folder, randomDocuments(tokens), {
    vocabSize: 50257,
    endOfText: 50256,
    shardBytes: 32 << 20,
  });
}

function* randomDocuments(total: number): Generator<NewDocument> {
  const random = createRandom(1);
  for (let i = 0, made = 0; made < total; i++) {
    const length = Math.floor(16 * 2 ** (random() * 8));
    made += length + 1;
    const tokens = new Uint16Array(length);
    for (let at = 0; at < length; at++) tokens[at] = Math.floor(random() * 50000);
    const source = ['books', 'web', 'posts'][Math.floor(random() * 3)];
    yield { id: sha256(`${i}`).slice(0, 32), split: 'train', source, tokens };
  }
}
