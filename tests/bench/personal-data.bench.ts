// Personal data in texts, MB a CPU second. Peers with `--peers --python INTERPRETER`: datatrove (e-mail and IP addresses
// alone) and seven recognisers of Presidio, over an eighth of the texts, in CPU seconds of their process.
import { execFileSync } from 'node:child_process';
import { findPersonalData } from '@gristmill/detect';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { readTexts } from './texts.ts';

const program = `
import json, logging, sys, time
from importlib.metadata import version
logging.disable(logging.CRITICAL)
texts = json.load(sys.stdin)
megabytes = sum(len(text.encode()) for text in texts) / 1e6
def rate(run):
    start = time.process_time()
    for text in texts: run(text)
    return megabytes / (time.process_time() - start)
out = []
try:
    from datatrove.pipeline.formatters import PIIFormatter
    formatter = PIIFormatter()
    out.append({'name': 'datatrove, e-mail and IP', 'version': version('datatrove'), 'rate': rate(formatter.format)})
except ImportError: pass
try:
    import presidio_analyzer.predefined_recognizers as known
    names = 'Email Ip CreditCard Iban UsSsn Phone Url'.split()
    recognisers = [getattr(known, name + 'Recognizer')() for name in names]
    def analyse(text):
        for one in recognisers: one.analyze(text=text, entities=one.supported_entities, nlp_artifacts=None)
    out.append({'name': 'Presidio, seven recognisers', 'version': version('presidio-analyzer'), 'rate': rate(analyse)})
except ImportError: pass
print(json.dumps(out))
`;

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts, megabytes } = readTexts(options.input);
  const found: Record<string, number> = {};
  for (const text of texts)
    for (const { type } of findPersonalData(text)) found[type] = (found[type] ?? 0) + 1;
  const timing = await time(() => {
    for (const text of texts) findPersonalData(text);
  }, 5);
  const ours = megabytes / timing.cpuSeconds;
  const python = options.extra?.['python'];
  return {
    name: 'personal-data',
    input,
    documents: texts.length,
    megabytes,
    mbPerSecond: megabytes / timing.seconds,
    documentsPerSecond: texts.length / timing.seconds,
    cpuSeconds: timing.cpuSeconds,
    mbPerCpuSecond: ours,
    found,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers: options.peers && python !== undefined ? measurePeers(python, texts, ours) : [],
  };
}

function measurePeers(python: string, texts: readonly string[], ours: number): PeerReport[] {
  const some = texts.filter((_, i) => i % 8 === 0);
  const output = execFileSync(python, ['-c', program], { input: JSON.stringify(some), encoding: 'utf8' });
  const rates = JSON.parse(output) as { name: string; version: string; rate: number }[];
  return rates.map(({ name, version, rate }) => ({ name, version, mbPerSecond: rate, ratio: ours / rate }));
}
