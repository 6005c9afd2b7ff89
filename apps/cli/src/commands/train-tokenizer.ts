import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { DataError } from '@gristmill/core';
import {
  createWordCounter,
  loadTokenizer,
  tokenizerTypes,
  trainTokenizer,
  writeTokenizerFile,
  type TokenizerType,
} from '@gristmill/tokenizer';
import { readJsonLines } from '../json-lines.ts';

interface Flags {
  readonly vocabSize: string;
  readonly type: string;
  readonly out: string;
  readonly lowercase?: boolean;
}

export function registerTrainTokenizer(program: Command): void {
  program
    .command('train-tokenizer')
    .description('Learns a vocabulary; the tokenizer.json loads in Hugging Face tokenizers')
    .argument('<files...>', 'JSON lines {text} (.jsonl, or - for standard input) or plain text')
    .requiredOption('--vocab-size <n>', 'tokens, special ones and the 256 bytes included')
    .option('--type <type>', 'bpe (byte-level), wordpiece (BERT) or unigram (T5)', 'bpe')
    .option('--lowercase', 'of wordpiece: drop case and accents')
    .requiredOption('--out <file>', 'where to write the tokenizer.json')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill train-tokenizer corpus.jsonl --vocab-size 8000 --out tokenizer.json',
    )
    .action(async (files: string[], flags: Flags) => {
      const type = readType(flags.type);
      const kind = { type, lowercase: flags.lowercase };
      const counter = createWordCounter(kind);
      for (const file of files) await countFile(file, (text) => counter.addText(text));
      const bytes = writeTokenizerFile(
        trainTokenizer(counter.words(), { ...kind, vocabSize: Number(flags.vocabSize) }),
      );
      writeFileSync(flags.out, Buffer.concat([bytes, Buffer.from('\n')]));
      process.stderr.write(`${flags.out}: ${loadTokenizer(bytes).vocabSize} tokens\n`);
    });
}

function readType(name: string): TokenizerType {
  const type = tokenizerTypes.find((known) => known === name);
  if (type !== undefined) return type;
  throw new DataError(
    'unknown-type',
    `there is no trainer for ${name}`,
    `use --type ${tokenizerTypes.join(', ')}`,
  );
}

async function countFile(file: string, count: (text: string) => void): Promise<void> {
  if (file !== '-' && !/\.(jsonl|ndjson|json)$/.test(file)) {
    count(readText(file));
    return;
  }
  for await (const { text } of readJsonLines(file)) if (typeof text === 'string') count(text);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DataError('input-unreadable', `${file} cannot be read`, 'check the path', { cause });
  }
}
