import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { DataError } from '@gristmill/core';
import { countPretokens, trainByteLevelBpe, type PretokenCounts } from '@gristmill/tokenizer';
import { readJsonLines } from '../json-lines.ts';

interface Flags {
  readonly vocabSize: string;
  readonly type: string;
  readonly out: string;
}

export function registerTrainTokenizer(program: Command): void {
  program
    .command('train-tokenizer')
    .description('Learns a vocabulary; the tokenizer.json loads in Hugging Face tokenizers')
    .argument('<files...>', 'JSON lines {text} (.jsonl, or - for standard input) or plain text')
    .requiredOption('--vocab-size <n>', 'tokens, special ones and the 256 bytes included')
    .option('--type <type>', 'bpe', 'bpe')
    .requiredOption('--out <file>', 'where to write the tokenizer.json')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill train-tokenizer corpus.jsonl --vocab-size 8000 --out tokenizer.json',
    )
    .action(async (files: string[], flags: Flags) => {
      if (flags.type !== 'bpe') {
        throw new DataError('unknown-type', `there is no trainer for ${flags.type}`, 'use --type bpe');
      }
      const counts: PretokenCounts = new Map();
      for (const file of files) await countFile(file, counts);
      const json = trainByteLevelBpe(counts, { vocabSize: Number(flags.vocabSize) });
      writeFileSync(flags.out, `${JSON.stringify(json, undefined, 2)}\n`);
      process.stderr.write(
        `${flags.out}: ${Object.keys(json.model.vocab).length} tokens, ${json.model.merges.length} merges\n`,
      );
    });
}

async function countFile(file: string, counts: PretokenCounts): Promise<void> {
  if (file !== '-' && !/\.(jsonl|ndjson|json)$/.test(file)) {
    countPretokens(readText(file), counts);
    return;
  }
  for await (const { text } of readJsonLines(file))
    if (typeof text === 'string') countPretokens(text, counts);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DataError('input-unreadable', `${file} cannot be read`, 'check the path', { cause });
  }
}
