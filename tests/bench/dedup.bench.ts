// Every measure of duplicates from texts in memory, one thread, in MB per CPU second: exact hashing of UTF-8 bytes with
// normalising; signatures; the whole of near dedup from text to verified witnesses; lines and paragraphs, passages, both
// with the choice of the copy that stays; containment. Without --input: seeded texts with injected near duplicates.
// `--scheme fineweb` gives that preset. No npm package does MinHash-LSH over word shingles with verification; Python's run
// on the same file: `python ../shared/peers/s4_dedup.py gaoya rensa datasketch` writes data/dedup.jsonl, which is --input
// here, and prints the peers' MB per CPU second.

import { readFile } from 'node:fs/promises';
import type { HashSource } from '@gristmill/core';
import {
  createFingerprinter,
  findDuplicates,
  findingProbability,
  findPassages,
  findPieces,
  schemes,
  type RepeatedText,
} from '@gristmill/dedup';
import { electSurvivors, markCopies } from '@gristmill/select';
import { makeNearTexts } from '../dedup/near-texts.ts';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';

export async function bench({ input, extra }: BenchOptions): Promise<BenchReport> {
  const texts = input === undefined ? sampleTexts() : await readTexts(input);
  const bytes = texts.map((text) => new TextEncoder().encode(text));
  const megabytes = bytes.reduce((sum, { length }) => sum + length, 0) / 1e6;
  const name = extra.scheme === 'fineweb' ? 'fineweb' : 'default';
  const fingerprinter = createFingerprinter();
  const exact = await time(() => bytes.forEach((text) => fingerprinter.hash(text)));
  const signatures = await time(() => texts.forEach((text) => fingerprinter.signature(text, schemes[name])));
  let [edges, removed, contained] = [0, 0, 0];
  const whole = await time(async () => {
    const found = await findDuplicates(texts, { scheme: name });
    const candidates = texts.flatMap((text, i) =>
      found.formOf[i] < 0 ? [] : { id: String(i), form: found.formOf[i], quality: 0, length: text.length },
    );
    removed = electSurvivors(candidates, found.edges, { threshold: 0.8 }).length;
    edges = found.edges.length;
  });
  const containment = await time(async () => {
    contained = (await findDuplicates(texts, { measure: 'containment' })).edges.length;
  });
  const passages = await time(async () => chooseCopies(await findPassages(texts), false));
  const pieces = await time(async () => {
    const { lines, paragraphs } = await findPieces(texts);
    for (const repeats of [lines, paragraphs]) await chooseCopies(repeats, true);
  });
  const speed = ({ cpuSeconds }: { cpuSeconds: number }): number => megabytes / cpuSeconds;
  return {
    name: 'dedup',
    input: input ?? 'seeded texts with near duplicates',
    documents: texts.length,
    megabytes,
    mbPerSecond: megabytes / whole.seconds,
    documentsPerSecond: texts.length / whole.seconds,
    mbPerCpuSecond: speed(whole),
    exactMbPerCpuSecond: speed(exact),
    signatureMbPerCpuSecond: speed(signatures),
    paragraphMbPerCpuSecond: speed(pieces),
    passageMbPerCpuSecond: speed(passages),
    containmentMbPerCpuSecond: speed(containment),
    edges,
    removed,
    contained,
    /** Similarity → probability that the bands propose such a pair. */
    theory: Object.fromEntries(
      [0.5, 0.6, 0.7, 0.8, 0.9].map((s) => [s, findingProbability(schemes[name], s)]),
    ),
    ...(name === 'fineweb' ? { recall: await recallOf(texts) } : {}),
    cpuSeconds: whole.cpuSeconds,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers: [],
  };
}

async function chooseCopies(repeats: readonly RepeatedText[], keepsOwn: boolean): Promise<number> {
  const source: HashSource = {
    total: repeats.reduce((sum, { hashes }) => sum + hashes.length, 0),
    rows: () => repeats.map(({ hashes }, owner) => ({ owner, hashes: new Uint8Array(hashes.buffer) })),
  };
  return (await markCopies(source, { qualities: new Int32Array(repeats.length), keepsOwn })).length;
}

/** By tenths of the true similarity: what `fineweb` finds of the pairs that the default bands find. */
async function recallOf(texts: readonly string[]): Promise<Record<string, string>> {
  const [found, all] = [
    await findDuplicates(texts, { scheme: 'fineweb' }),
    await findDuplicates(texts, { scheme: 'default' }),
  ];
  const names = new Set(found.edges.map(({ a, b }) => `${a}/${b}`));
  const tenths = Map.groupBy(all.edges, ({ similarity }) => Math.min(9, Math.floor(similarity * 10)));
  return Object.fromEntries(
    [...tenths]
      .sort(([a], [b]) => a - b)
      .map(([tenth, edges]) => {
        const kept = edges.filter(({ a, b }) => names.has(`${a}/${b}`)).length;
        const theory = edges.reduce(
          (sum, edge) => sum + findingProbability(schemes.fineweb, edge.similarity),
          0,
        );
        return [`.${tenth}`, `${kept} of ${edges.length}, theory ${theory.toFixed(1)}`];
      }),
  );
}

function sampleTexts(): string[] {
  return makeNearTexts(20_000).map(({ text }) => text);
}

/** JSON lines {text}, or plain text cut at blank lines. */
async function readTexts(file: string): Promise<string[]> {
  const content = await readFile(file, 'utf8');
  if (!content.startsWith('{')) return content.split(/\n\s*\n/).filter((text) => text.trim() !== '');
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}
