// Near dedup from texts in memory to verified witnesses, one thread. Without --input: seeded texts with injected near
// duplicates. Also reported: signatures alone, and exact hashing of UTF-8 bytes with normalising, in MB per CPU second.
// No npm package does MinHash-LSH over word shingles with verification; libs/dedup's peers are Python's (see docs/log.md).

import { readFile } from 'node:fs/promises';
import { createFingerprinter, findDuplicates, schemes } from '@gristmill/dedup';
import { electSurvivors } from '@gristmill/select';
import { makeNearTexts } from '../dedup/near-texts.ts';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';

export async function bench({ input, extra }: BenchOptions): Promise<BenchReport> {
  const texts = input === undefined ? sampleTexts() : await readTexts(input);
  const bytes = texts.map((text) => new TextEncoder().encode(text));
  const megabytes = bytes.reduce((sum, { length }) => sum + length, 0) / 1e6;
  const fingerprinter = createFingerprinter();
  const exact = await time(() => bytes.forEach((text) => fingerprinter.hash(text)));
  const signatures = await time(() =>
    texts.forEach((text) => fingerprinter.signature(text, schemes.default)),
  );
  let removed = 0;
  let edges = 0;
  const whole = await time(async () => {
    const found = await findDuplicates(texts, { scheme: extra.scheme === 'fineweb' ? 'fineweb' : 'default' });
    const candidates = texts.flatMap((text, i) =>
      found.formOf[i] < 0 ? [] : { id: String(i), form: found.formOf[i], quality: 0, length: text.length },
    );
    removed = electSurvivors(candidates, found.edges, { threshold: 0.8 }).length;
    edges = found.edges.length;
  });
  return {
    name: 'dedup',
    input: input ?? 'seeded texts with near duplicates',
    documents: texts.length,
    megabytes,
    mbPerSecond: megabytes / whole.seconds,
    documentsPerSecond: texts.length / whole.seconds,
    mbPerCpuSecond: megabytes / whole.cpuSeconds,
    signatureMbPerCpuSecond: megabytes / signatures.cpuSeconds,
    exactMbPerCpuSecond: megabytes / exact.cpuSeconds,
    edges,
    removed,
    cpuSeconds: whole.cpuSeconds,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers: [],
  };
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
