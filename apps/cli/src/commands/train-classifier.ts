// gristmill train-classifier: learns to tell texts apart; the file is what a recipe pins.
import { readFile, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { sha256 } from '@gristmill/core';
import { classify, encodeClassifier, trainClassifier, type Example } from '@gristmill/detect';
import { readJsonLines } from '../json-lines.ts';

interface Options {
  positive: string[];
  negative: string[];
  out: string;
  epochs: number;
  wordNgrams: number;
  seed: number;
}

export function registerTrainClassifier(program: Command): void {
  program
    .command('train-classifier')
    .description(
      'Learn to tell good texts from others; files are JSON lines {text}, or texts with blank lines between',
    )
    .requiredOption('--positive <file...>', 'texts like those to keep')
    .requiredOption('--negative <file...>', 'ordinary texts')
    .requiredOption('--out <file>', 'the classifier, which recipes pin')
    .option('--epochs <n>', 'passes over the examples', wholeNumber, 5)
    .option('--word-ngrams <n>', 'words of an n-gram at most (1 to 4)', wholeNumber, 2)
    .option('--seed <n>', 'of the order of examples', wholeNumber, 1)
    .addHelpText(
      'after',
      '\nExample:\n  gristmill train-classifier --positive good.jsonl --negative web.jsonl --out quality.bin',
    )
    .action(async ({ positive, negative, out, ...options }: Options) => {
      const examples = [
        ...(await readExamples(positive, 'positive')),
        ...(await readExamples(negative, 'negative')),
      ];
      // One example in ten, by its place, is kept aside to measure with.
      const held = examples.filter((_, i) => i % 10 === 9);
      const classifier = trainClassifier(
        examples.filter((_, i) => i % 10 !== 9),
        options,
      );
      const right = held.filter(({ text, label }) => {
        const [negativeScore, positiveScore] = classify(classifier, text);
        return (positiveScore > negativeScore ? 'positive' : 'negative') === label;
      }).length;
      const bytes = encodeClassifier(classifier);
      await writeFile(out, bytes);
      process.stderr.write(
        `${out}: ${examples.length} examples, ${right} of ${held.length} kept aside are right\n`,
      );
      process.stdout.write(
        `${JSON.stringify({ out, sha256: sha256(bytes), examples: examples.length, heldOut: held.length, right })}\n`,
      );
    });
}

async function readExamples(files: readonly string[], label: string): Promise<Example[]> {
  const examples: Example[] = [];
  for (const file of files) {
    const content = file === '-' ? '{' : await readFile(file, 'utf8');
    if (content.trimStart().startsWith('{')) {
      for await (const line of readJsonLines(file)) examples.push({ text: String(line.text ?? ''), label });
    } else {
      for (const text of content.split(/\n{2,}/)) if (text.trim() !== '') examples.push({ text, label });
    }
  }
  return examples;
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('it takes a whole number');
  return number;
}
