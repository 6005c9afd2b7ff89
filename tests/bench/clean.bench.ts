// Cleaning with every default rule. No npm peer does this work.
import { cleanText } from '@gristmill/clean';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';
import { readTexts } from './texts.ts';

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts, megabytes } = readTexts(options.input);
  const timing = await time(() => {
    for (const text of texts) cleanText(text);
  });
  return {
    name: 'clean',
    input,
    documents: texts.length,
    megabytes,
    mbPerSecond: megabytes / timing.seconds,
    documentsPerSecond: texts.length / timing.seconds,
    cpuSeconds: timing.cpuSeconds,
    mbPerCpuSecond: megabytes / timing.cpuSeconds,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers: [],
  };
}
