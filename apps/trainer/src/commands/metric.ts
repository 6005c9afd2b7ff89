import type { Command } from 'commander';
import { chooseMetric, metricNames } from '../metric/measure.ts';
import { readSegments } from '../metric/read-segments.ts';
import { tokenizerNames } from '../metric/tokenizers.ts';
import { readNumber } from './options.ts';

interface Flags {
  readonly metric: string;
  readonly tokenize?: string;
  readonly lowercase?: boolean;
  readonly wordOrder: string;
}

export function registerMetric(program: Command): void {
  program
    .command('metric')
    .description(
      'Compares texts with references: bleu, chrf and ter as sacreBLEU, in percent; exact-match and rouge-l as a share',
    )
    .argument('<file>', 'JSON lines {id?, hyp, ref}, ref a text or a list of texts; - for standard input')
    .requiredOption('--metric <name>', metricNames.join(', '))
    .option('--tokenize <name>', `of bleu (default 13a) and rouge-l: ${tokenizerNames.join(', ')}`)
    .option('--lowercase', 'bleu, chrf and exact-match see no capitals; ter and rouge-l never do')
    .option('--word-order <n>', 'of chrf: n-grams of words too; 2 is chrF++', '0')
    .addHelpText('after', '\nExample:\n  gristmill-trainer metric --metric bleu translations.jsonl')
    .action(async (file: string, { metric, tokenize, lowercase, wordOrder }: Flags) => {
      const order = readNumber('--word-order', wordOrder, { least: 0, most: 10, whole: true });
      const measure = chooseMetric(metric, { tokenize, lowercase, wordOrder: order });
      process.stdout.write(`${JSON.stringify(measure(await readSegments(file)))}\n`);
    });
}
