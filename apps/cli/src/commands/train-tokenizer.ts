// `gristmill train-tokenizer`: learns a vocabulary from files, or from a weighted sample of them.
import { writeFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { DataError, suggestName } from '@gristmill/core';
import {
  createSample,
  createWordCounter,
  loadTokenizer,
  tokenizerTypes,
  trainTokenizer,
  writeTokenizerFile,
  type SampleOptions,
  type SamplePlan,
  type TokenizerType,
} from '@gristmill/tokenizer';
import { parseCount, parsePositive } from '../parse-count.ts';
import { formatTable } from '../table.ts';
import { readTrainingTexts } from '../training-texts.ts';

interface Flags {
  readonly vocabSize: number;
  readonly type: string;
  readonly out: string;
  readonly lowercase?: boolean;
  readonly weight?: Readonly<Record<string, number>>;
  readonly sampleBytes?: number;
  readonly seed?: number;
}

export function registerTrainTokenizer(program: Command): void {
  program
    .command('train-tokenizer')
    .description('Learns a vocabulary; the tokenizer.json loads in Hugging Face tokenizers')
    .argument(
      '<files...>',
      'JSON lines {text, id?, source?, language?} (.jsonl, or - for standard input) or plain text',
    )
    .requiredOption('--vocab-size <n>', 'tokens, special ones and the 256 bytes included', parsePositive)
    .option('--type <type>', 'bpe (byte-level), wordpiece (BERT) or unigram (T5)', 'bpe')
    .option('--lowercase', 'of wordpiece: drop case and accents')
    .option(
      '--weight <name=number>',
      'weight of a source (a file’s name where lines name none) or of a language (language:de=2); may be repeated',
      addWeight,
    )
    .option('--sample-bytes <n>', 'train on a sample of at most so many bytes of text', parsePositive)
    .option('--seed <n>', 'of the sample; 0 unless told', parseCount)
    .requiredOption('--out <file>', 'where to write the tokenizer.json')
    .addHelpText(
      'after',
      '\nExamples:\n  gristmill train-tokenizer corpus.jsonl --vocab-size 8000 --out tokenizer.json\n' +
        '  gristmill train-tokenizer books.jsonl web.jsonl --weight books.jsonl=2 --weight web.jsonl=1 --sample-bytes 100000000 --vocab-size 32000 --out tokenizer.json',
    )
    .action(trainCommand);
}

async function trainCommand(files: string[], flags: Flags): Promise<void> {
  const kind = { type: readType(flags.type), lowercase: flags.lowercase };
  const plan = await planSample(files, flags);
  const counter = createWordCounter(kind);
  for (const file of files) {
    for await (const document of readTrainingTexts(file, partSize(plan !== undefined))) {
      if (plan?.takes(document) !== false) counter.addText(document.text);
    }
  }
  const { vocabSize } = flags;
  const bytes = writeTokenizerFile(trainTokenizer(counter.words(), { ...kind, vocabSize }));
  writeFileSync(flags.out, Buffer.concat([bytes, Buffer.from('\n')]));
  process.stderr.write(`${flags.out}: ${loadTokenizer(bytes).vocabSize} tokens\n`);
}

/** Parts of plain text are documents to a sample, and merely pieces otherwise. */
const partSize = (isSampled: boolean): number => (isSampled ? 1 << 14 : 1 << 20);

async function planSample(files: readonly string[], flags: Flags): Promise<SamplePlan | undefined> {
  const { weight, sampleBytes, seed } = flags;
  if (weight === undefined && sampleBytes === undefined) return undefined;
  if (files.includes('-')) {
    throw new DataError(
      'sample-input',
      'a sample is drawn by reading the text twice, which standard input cannot be',
      'write the lines to a file first',
    );
  }
  const languages = pick(weight, (name) => name.startsWith('language:'), 'language:'.length);
  const sources = pick(weight, (name) => !name.startsWith('language:'), 0);
  const options: SampleOptions = {
    ...(sampleBytes !== undefined && { bytes: sampleBytes }),
    ...(seed !== undefined && { seed }),
    ...(sources && { sources }),
    ...(languages && { languages }),
  };
  const sample = createSample(options);
  for (const file of files) {
    for await (const document of readTrainingTexts(file, partSize(true))) {
      sample.note(document, Buffer.byteLength(document.text));
    }
  }
  const plan = sample.plan();
  showSample(plan);
  return plan;
}

function showSample({ groups }: SamplePlan): void {
  const total = groups.reduce((sum, { taken }) => sum + taken, 0);
  const rows = groups.map(({ source, language, weight, bytes, taken }) => [
    [source, language].filter((name) => name !== undefined).join(' / ') || 'all',
    weight,
    bytes,
    taken,
    `${((100 * taken) / Math.max(1, total)).toFixed(1)} %`,
  ]);
  process.stderr.write(formatTable(['sample of', 'weight', 'bytes', 'taken', 'share'], rows));
}

function pick(
  weights: Readonly<Record<string, number>> | undefined,
  isWanted: (name: string) => boolean,
  cut: number,
): Record<string, number> | undefined {
  const wanted = Object.entries(weights ?? {}).filter(([name]) => isWanted(name));
  return wanted.length === 0
    ? undefined
    : Object.fromEntries(wanted.map(([name, weight]) => [name.slice(cut), weight]));
}

function addWeight(
  given: string,
  before: Readonly<Record<string, number>> | undefined,
): Record<string, number> {
  const cut = given.lastIndexOf('=');
  const weight = Number(given.slice(cut + 1));
  if (cut < 1 || given.length === cut + 1 || !Number.isFinite(weight)) {
    throw new InvalidArgumentError('a weight is written name=number.');
  }
  return { ...before, [given.slice(0, cut)]: weight };
}

function readType(name: string): TokenizerType {
  const type = tokenizerTypes.find((known) => known === name);
  if (type !== undefined) return type;
  throw new DataError(
    'unknown-type',
    `there is no trainer for ${name}`,
    suggestName(name, tokenizerTypes, `use --type ${tokenizerTypes.join(', ')}`),
  );
}
