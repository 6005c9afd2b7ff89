// Language detection: MB/s over slices of 500 characters, and accuracy by language on labelled lines. `--labelled F,G` names
// files of `code<TAB>text` (plain or .gz), else the words and word pairs of ../shared/data; `--every 5` reads one line in
// five. Peer with --peers: eld from npm (its larger model), over the same slices and lines; then also our accuracy when only
// the languages that eld knows can occur.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { detectLanguage, knownLanguages } from '@gristmill/detect';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { readTexts } from './texts.ts';

type Detect = (text: string) => string | undefined;

const labelledFolder = new URL('../../../shared/data/eld-langid/', import.meta.url);

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts } = readTexts(options.input);
  const slices = texts.flatMap(cutSlices);
  const megabytes = slices.reduce((sum, slice) => sum + Buffer.byteLength(slice), 0) / 1e6;
  const files = options.extra.labelled?.split(',') ?? defaultFiles();
  const every = Number(options.extra.every ?? 1);
  const ours: Detect = (text) => detectLanguage(text).language;
  const timing = await timeSlices(ours, slices);
  const peers: PeerReport[] = [];
  const peerAccuracy: Record<string, unknown> = {};
  const accuracyAmongTheirs: Record<string, unknown> = {};
  if (options.peers) {
    const { eld } = await import('eld/large');
    const detect: Detect = (text) => eld.detect(text).language || undefined;
    const { cpuSeconds } = await timeSlices(detect, slices);
    peers.push({
      name: 'eld',
      version: '2',
      mbPerSecond: megabytes / cpuSeconds,
      ratio: cpuSeconds / timing.cpuSeconds,
    });
    const theirs = Object.values(eld.info().Languages as Record<string, string>);
    const languages = theirs.flatMap((code) => (code === 'no' ? ['nb', 'nn'] : [code]));
    const known = languages.filter((code) => knownLanguages().includes(code));
    for (const file of files) {
      peerAccuracy[file] = measure(detect, file, every);
      accuracyAmongTheirs[file] = measure(
        (text) => detectLanguage(text, { languages: known }).language,
        file,
        every,
      );
    }
  }
  return {
    name: 'language',
    input,
    documents: slices.length,
    megabytes,
    mbPerSecond: megabytes / timing.seconds,
    documentsPerSecond: slices.length / timing.seconds,
    cpuSeconds: timing.cpuSeconds,
    mbPerCpuSecond: megabytes / timing.cpuSeconds,
    languages: knownLanguages().length,
    accuracy: Object.fromEntries(files.map((file) => [file, measure(ours, file, every)])),
    accuracyAmongTheirs,
    peerAccuracy,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers,
  };
}

function defaultFiles(): string[] {
  return ['single-words_v3.txt.gz', 'word-pairs_v3.txt.gz']
    .map((name) => fileURLToPath(new URL(name, labelledFolder)))
    .filter((path) => existsSync(path));
}

function cutSlices(text: string): string[] {
  const slices: string[] = [];
  for (let start = 0; start < text.length; start += 500) slices.push(text.slice(start, start + 500));
  return slices;
}

function timeSlices(detect: Detect, slices: readonly string[]) {
  return time(() => {
    for (const slice of slices) detect(slice);
  }, 3);
}

/** Mean over languages, and each language's own. `no` stands for either form of Norwegian. */
function measure(
  detect: Detect,
  file: string,
  every: number,
): { mean: number; byLanguage: Record<string, number> } {
  const bytes = readFileSync(file);
  const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
  const tallies = new Map<string, { all: number; right: number }>();
  for (let i = 0; i < lines.length; i += every) {
    const [gold, text] = lines[i].split('\t');
    if (text === undefined) continue;
    const tally = tallies.get(gold) ?? { all: 0, right: 0 };
    tallies.set(gold, tally);
    tally.all++;
    const found = detect(text);
    if (found === gold || (gold === 'no' && (found === 'nb' || found === 'nn'))) tally.right++;
  }
  const byLanguage = Object.fromEntries(
    [...tallies].sort().map(([gold, { all, right }]) => [gold, Math.round((right / all) * 1000) / 1000]),
  );
  const shares = Object.values(byLanguage);
  return { mean: shares.reduce((sum, share) => sum + share, 0) / shares.length, byLanguage };
}
