// Bytes of HTML to text with metadata, one thread. Peers, all in CPU seconds: Readability on linkedom and, with
// `--python INTERPRETER`, trafilatura and its Rust port.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractDocument } from '@gristmill/extract';
import { decodeText } from '@gristmill/text';
import { fixturePages } from '../extract/fixture-pages.ts';
import { pythonExtractors } from './extract-peers.ts';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';

const defaultInput = '../shared/data/readability-pages';
const mostBytes = 40e6;
const leastBytes = 10e6;
/** Peers take minutes for all: they read every n-th page. */
const mostPeerBytes = 8e6;

/** `--input` is a folder of HTML files or one such file; without test data the tests' own pages, repeated. */
export async function bench(options: BenchOptions): Promise<BenchReport> {
  const input = options.input ?? (existsSync(defaultInput) ? defaultInput : 'fixture pages × 2000');
  const pages = existsSync(input) ? readPages(input) : repeatFixtures();
  const megabytes = pages.reduce((sum, page) => sum + page.length, 0) / 1e6;
  let withText = 0;
  const timing = await time(async () => {
    withText = 0;
    for (const bytes of pages)
      withText += 'text' in (await extractDocument({ bytes, mediaType: 'text/html' })) ? 1 : 0;
  });
  const mbPerSecond = megabytes / timing.seconds;
  return {
    name: 'extract',
    input,
    documents: pages.length,
    megabytes,
    mbPerSecond,
    mbPerCpuSecond: megabytes / timing.cpuSeconds,
    documentsPerSecond: pages.length / timing.seconds,
    cpuSeconds: timing.cpuSeconds,
    withText,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers: options.peers ? await measurePeers(pages, megabytes / timing.cpuSeconds, options) : [],
  };
}

function readPages(input: string): Uint8Array[] {
  const names = input.endsWith('.html') ? [''] : readdirSync(input, { recursive: true, encoding: 'utf8' });
  const pages: Uint8Array[] = [];
  let bytes = 0;
  for (const name of names
    .filter((entry) => entry === '' || /(?:^|\/)(?!expected)[^/]*\.html?$/.test(entry))
    .sort()) {
    const page = readFileSync(join(input, name));
    bytes += page.length;
    if (bytes > mostBytes) break;
    pages.push(page);
  }
  // Small inputs are read several times over, so that compiling is not what is measured.
  const times = Math.max(1, Math.ceil(leastBytes / Math.max(1, bytes)));
  return Array.from({ length: times * pages.length }, (_, i) => pages[i % pages.length]);
}

function repeatFixtures(): Uint8Array[] {
  const pages = fixturePages
    .filter(({ text }) => text.startsWith('<'))
    .map(({ text }) => new TextEncoder().encode(text));
  return Array.from({ length: 2000 * pages.length }, (_, i) => pages[i % pages.length]);
}

interface Peer {
  readonly name: string;
  readonly version: string;
  readonly run: (html: string) => unknown;
}

async function measurePeers(
  pages: readonly Uint8Array[],
  ours: number,
  { extra }: BenchOptions,
): Promise<PeerReport[]> {
  const all = pages.reduce((sum, page) => sum + page.length, 0);
  const step = Math.max(1, Math.round(all / mostPeerBytes));
  const some = pages.filter((_, i) => i % step === 0);
  const sources = some.map((bytes) => decodeText(bytes, { markup: 'html' }).text);
  const megabytes = some.reduce((sum, page) => sum + page.length, 0) / 1e6;
  const reports: PeerReport[] = [];
  for (const { name, version, run } of await loadPeers()) {
    const { cpuSeconds } = await time(async () => {
      for (const source of sources) {
        try {
          await run(source);
        } catch {
          // A peer that fails on a page has still spent its time on it.
        }
      }
    }, 1);
    const mbPerSecond = megabytes / cpuSeconds;
    reports.push({ name, version, mbPerSecond, ratio: ours / mbPerSecond });
  }
  const python = extra?.['python'];
  return python === undefined ? reports : [...reports, ...pythonExtractors(python, sources, ours)];
}

async function loadPeers(): Promise<Peer[]> {
  const { parseHTML } = await import('linkedom');
  const { Readability } = await import('@mozilla/readability');
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string }).version;
  const parse = (html: string) => (parseHTML(html) as unknown as { document: Document }).document;
  type Document = ConstructorParameters<typeof Readability>[0];
  return [
    {
      name: '@mozilla/readability with linkedom',
      version: versionOf('@mozilla/readability'),
      run: (html) => new Readability(parse(html)).parse()?.textContent,
    },
  ];
}
