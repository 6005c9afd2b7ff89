// Training a byte-level BPE of 32,000 tokens (--vocab-size) on --input, or on --megabytes of it recombined. Counting and
// merging are timed apart; making the texts is not. Peers, in the same run, on the same texts, one thread: Hugging Face's
// trainer and, where --peer-python names an interpreter that has it, rustbpe.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWordCounter, trainTokenizer } from '@gristmill/tokenizer';
import { findPython, runPython } from '../python/python.ts';
import { peakMemoryMb, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { recombine } from './recombined-texts.ts';
import { readTexts } from './texts.ts';

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts } = readTexts(options.input);
  const { megabytes: wanted, 'vocab-size': size = '32000' } = options.extra;
  const vocabSize = Number(size);
  const given = wanted === undefined ? texts : recombine(texts, Number(wanted));
  const counted = countTexts(given);
  const start = cpuSeconds();
  const began = performance.now();
  const json = trainTokenizer(counted.words, { type: 'bpe', vocabSize });
  const mergeCpuSeconds = cpuSeconds() - start;
  const used = counted.cpuSeconds + mergeCpuSeconds;
  const report = {
    name: 'train-tokenizer',
    input: wanted === undefined ? input : `${input}, recombined`,
    vocabSize,
    merges: (json.model as { merges: unknown[] }).merges.length,
    documents: counted.documents,
    megabytes: counted.megabytes,
    megabytesOfWords: counted.words.length / 1e6,
    countCpuSeconds: counted.cpuSeconds,
    mergeCpuSeconds,
    mbPerSecond: counted.megabytes / (counted.seconds + (performance.now() - began) / 1000),
    documentsPerSecond: counted.documents / used,
    cpuSeconds: used,
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
  };
  const peers =
    options.peers && wanted === undefined ? runPeers(texts, report, json, options.extra['peer-python']) : [];
  return Promise.resolve({ ...report, peers });
}

function countTexts(texts: Iterable<string>) {
  const counter = createWordCounter({ type: 'bpe' });
  const sum = { documents: 0, bytes: 0, cpuSeconds: 0, seconds: 0 };
  let batch: string[] = [];
  const count = (): void => {
    const cpu = cpuSeconds();
    const start = performance.now();
    for (const text of batch) counter.addText(text);
    sum.cpuSeconds += cpuSeconds() - cpu;
    sum.seconds += (performance.now() - start) / 1000;
    batch = [];
  };
  for (const text of texts) {
    sum.documents++;
    sum.bytes += Buffer.byteLength(text);
    if (batch.push(text) === 64) count();
  }
  count();
  return { ...sum, megabytes: sum.bytes / 1e6, words: counter.words() };
}

const program = `
import json, os, sys, time
os.environ['RAYON_NUM_THREADS'] = '1'
texts = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
size, pattern, found = int(sys.argv[2]), sys.argv[3], []
def run(name, module, train):
    start = time.process_time()
    merges = train()
    found.append({'name': name, 'version': module.__version__ if hasattr(module, '__version__') else '', 'cpu': time.process_time() - start, 'merges': merges})
import tokenizers
from tokenizers import Tokenizer, models, trainers, pre_tokenizers
def hugging():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, min_frequency=2, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=['<|endoftext|>']))
    return json.loads(t.to_str())['model']['merges']
run('Hugging Face tokenizers', tokenizers, hugging)
try:
    import rustbpe
    def rust():
        rustbpe.Tokenizer().train_from_iterator(iter(texts), size, pattern=pattern)
        return None
    run('rustbpe', rustbpe, rust)
except ImportError: pass
print(json.dumps(found))
`;
const pattern = "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

interface PeerRun {
  readonly name: string;
  readonly version: string;
  readonly cpu: number;
  readonly merges: unknown;
}

/** Rates and ratios are per CPU second. `sameMerges` where the peer tells its merges. */
function runPeers(
  texts: readonly string[],
  ours: { megabytes: number; cpuSeconds: number; vocabSize: number },
  json: { readonly model: object },
  named: string | undefined,
): PeerReport[] {
  const python = named ?? findPython(['tokenizers']);
  if (python === undefined) return [];
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
  const file = join(folder, 'texts.jsonl');
  writeFileSync(file, texts.map((text) => JSON.stringify(text)).join('\n'));
  const runs = JSON.parse(runPython(python, program, [file, String(ours.vocabSize), pattern])) as PeerRun[];
  rmSync(folder, { recursive: true });
  const merges = JSON.stringify((json.model as { merges: unknown }).merges);
  return runs.map(({ name, version, cpu, merges: theirs }) => ({
    name,
    version,
    cpuSeconds: cpu,
    mbPerSecond: ours.megabytes / cpu,
    ratio: cpu / ours.cpuSeconds,
    ...(theirs ? { sameMerges: JSON.stringify(theirs) === merges } : {}),
  }));
}
